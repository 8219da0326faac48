"""Models: the names that callers use."""

from typing import TYPE_CHECKING, Any

from gateway.policy.snapshot import Model

if TYPE_CHECKING:
    from gateway.policy.document.callers import ModelBlock


def from_document(block: "ModelBlock") -> Model:
    """Return the model of a block; its incumbent is a candidate, too."""
    incumbent = () if block.incumbent is None else (block.incumbent,)
    candidates = tuple(sorted({*block.candidates, *incumbent}))
    return Model(block.label, block.match is not None, block.incumbent, candidates, block.mode)


def to_canonical(model: Model) -> dict[str, Any]:
    """Return plain data."""
    return {
        "name": model.name,
        "is_pattern": model.is_pattern,
        "incumbent": model.incumbent,
        "candidates": list(model.candidates),
        "substitution": model.substitution,
    }


def from_canonical(item: dict[str, Any]) -> Model:
    """Rebuild a model from :func:`to_canonical`."""
    return Model(item["name"], item["is_pattern"], item["incumbent"], tuple(item["candidates"]), item["substitution"])
