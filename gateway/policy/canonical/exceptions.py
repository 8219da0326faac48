"""Exceptions: dated grants."""

from typing import TYPE_CHECKING, Any

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import Category, DataClass

if TYPE_CHECKING:
    from gateway.policy.document.exceptions import ExceptionBlock


def from_document(block: "ExceptionBlock") -> PolicyException:
    """Return the exception of a block."""
    return PolicyException(
        id=block.id,
        owner=block.owner,
        reason=block.reason,
        teams=frozenset(block.teams),
        start=int(block.start.timestamp()),
        end=int(block.until.timestamp()),
        detectors=frozenset(block.detectors),
        values=frozenset(block.values),
        targets=frozenset(block.targets),
        max=DataClass.parse(block.max or "public"),
        categories=frozenset(block.categories),
    )


def to_canonical(one: PolicyException) -> dict[str, Any]:
    """Return plain data."""
    return {
        "id": one.id,
        "owner": one.owner,
        "reason": one.reason,
        "teams": sorted(one.teams),
        "start": one.start,
        "end": one.end,
        "detectors": sorted(one.detectors),
        "values": sorted(one.values),
        "targets": sorted(one.targets),
        "max": one.max.word,
        "categories": sorted(one.categories),
    }


def from_canonical(item: dict[str, Any]) -> PolicyException:
    """Rebuild an exception from :func:`to_canonical`."""
    return PolicyException(
        id=item["id"],
        owner=item["owner"],
        reason=item["reason"],
        teams=frozenset(item["teams"]),
        start=item["start"],
        end=item["end"],
        detectors=frozenset(item["detectors"]),
        values=frozenset(item["values"]),
        targets=frozenset(item["targets"]),
        max=DataClass.parse(item["max"]),
        categories=frozenset(Category(word) for word in item["categories"]),
    )
