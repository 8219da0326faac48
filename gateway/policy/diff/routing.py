"""What only says which of the permitted targets gets a request: models, rollouts, tasks, rules, parameters."""

from typing import Any

from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.words import describe


def moved(edit: Edit, item: dict[str, Any]) -> list[Effect]:
    """Describe a move, with the targets that the item is about."""
    what = describe(edit)
    if edit.section == "targets":
        return [Effect(Kind.MOVES, what, targets=(edit.name,))]
    if edit.section == "teams":
        return [Effect(Kind.MOVES, what, (edit.name,))]
    if edit.section == "rollouts":
        return [Effect(Kind.MOVES, what, targets=(item["to"],))]
    if edit.section == "models":
        return [Effect(Kind.MOVES, what, targets=tuple(item["candidates"]))]
    return [Effect(Kind.MOVES, what)]
