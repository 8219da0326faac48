"""Rollouts."""

from typing import TYPE_CHECKING, Any

from gateway.policy.conditions import Condition, compile_condition
from gateway.policy.snapshot import Rollout

if TYPE_CHECKING:
    from gateway.policy.document.callers import RolloutBlock


def from_document(block: "RolloutBlock") -> Rollout:
    """Return the rollout of a block."""
    return Rollout(block.id, block.model, _when(block.when), block.to, round(block.percent * 100), block.unit)


def to_canonical(rollout: Rollout) -> dict[str, Any]:
    """Return plain data."""
    return {
        "id": rollout.id,
        "model": rollout.model,
        "when": None if rollout.when is None else rollout.when.text,
        "to": rollout.to,
        "basis_points": rollout.basis_points,
        "unit": rollout.unit,
    }


def from_canonical(item: dict[str, Any]) -> Rollout:
    """Rebuild a rollout from :func:`to_canonical`."""
    return Rollout(item["id"], item["model"], _when(item["when"]), item["to"], item["basis_points"], item["unit"])


def _when(text: str | None) -> Condition | None:
    return None if text is None else compile_condition(text, certain=False)
