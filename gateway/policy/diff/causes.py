"""Which edit makes the matrix differ: the one without which it would not."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from gateway.domain.facts import canonical
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.matrices import Spot, may_leave
from gateway.policy.diff.scope import can_matter
from gateway.policy.load.build import build
from gateway.policy.snapshot import PolicySnapshot


def causes(
    spots: Sequence[Spot], lacking: PolicySnapshot, having: PolicySnapshot, edits: Iterable[Edit]
) -> list[tuple[Edit, list[Spot]]]:
    """Return, for each edit that permits spots, which ones.

    ``having`` is the policy by which they may be sent, ``lacking`` the one by which they may not. An edit is a cause if
    taking it back keeps a spot; where several edits would each do, so that taking one back keeps nothing, those that
    alone let it leave; at last all.
    """
    relevant = [edit for edit in edits if can_matter(edit)] if spots else []
    found: list[tuple[Edit, list[Spot]]] = []
    taken_back = _attempt(having, lacking)
    for edit in relevant:
        without = taken_back(edit)
        found.append((edit, [spot for spot in spots if not may_leave(without, spot)]))
    rest = _unexplained(spots, found)
    if rest:
        alone = _attempt(lacking, having)
        for edit in relevant:
            only = alone(edit)
            found.append((edit, [spot for spot in rest if may_leave(only, spot)]))
    rest = _unexplained(spots, found)
    found += [(edit, rest) for edit in relevant]
    return [(edit, some) for edit, some in found if some]


def _unexplained(spots: Sequence[Spot], found: list[tuple[Edit, list[Spot]]]) -> list[Spot]:
    explained = {spot for _, some in found for spot in some}
    return [spot for spot in spots if spot not in explained]


def _attempt(onto: PolicySnapshot, source: PolicySnapshot) -> Callable[[Edit], PolicySnapshot]:
    """Return ``onto`` with one part replaced by that of ``source``."""
    here, there = onto.canonical, orjson.loads(source.canonical)

    def made(edit: Edit) -> PolicySnapshot:
        data = orjson.loads(here)
        if edit.section == "modes":
            data["sensitivity"]["mode"]["teams"][edit.name] = source.sensitivity.mode_for(edit.name)
        elif edit.section in {"targets", "teams"}:
            _put(data[edit.section], there[edit.section], edit.path[1:])
        else:
            by_id = {item["id"]: item for item in data[edit.section]}
            _put(by_id, {item["id"]: item for item in there[edit.section]}, edit.path[1:])
            data[edit.section] = list(by_id.values())
        return build(canonical(data))

    return made


def _put(onto: dict[str, Any], source: dict[str, Any], path: Sequence[str]) -> None:
    """Set the value at a path as it is in ``source``, or remove it if there is nothing."""
    *around, last = path
    for word in around:
        onto, source = onto[word], source[word]
    if last in source:
        onto[last] = source[last]
    else:
        onto.pop(last, None)
