"""Floors: the least labels of some callers."""

from typing import TYPE_CHECKING, Any

from gateway.domain.label import Category, DataClass, Label
from gateway.policy.canonical.tasks import match_data, match_of, written
from gateway.policy.snapshot import Floor

if TYPE_CHECKING:
    from gateway.policy.document.callers import FloorBlock


def from_document(block: "FloorBlock") -> Floor:
    """Return the floor of a block."""
    regions = None if block.regions is None else frozenset(block.regions)
    return Floor(written(block.match), Label(DataClass.parse(block.data_class), frozenset(block.categories), regions))


def to_canonical(floor: Floor) -> dict[str, Any]:
    """Return plain data."""
    label = floor.label
    return {
        "match": match_data(floor.match),
        "class": label.data_class.word,
        "categories": sorted(label.categories),
        "regions": None if label.regions is None else sorted(label.regions),
    }


def from_canonical(item: dict[str, Any]) -> Floor:
    """Rebuild a floor from :func:`to_canonical`."""
    regions = item["regions"]
    label = Label(
        DataClass.parse(item["class"]),
        frozenset(Category(word) for word in item["categories"]),
        None if regions is None else frozenset(regions),
    )
    return Floor(match_of(item["match"]), label)
