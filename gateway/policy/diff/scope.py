"""How far edits can reach: whose texts, and which targets, have to be tried at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.policy.diff.edits import Edit
from gateway.policy.snapshot import PolicySnapshot

_LEAVING: Final = frozenset({"zone", "kind", "model", "endpoints", "region", "max", "forbid", "contracts", "license"})
"""Fields of a target that can change what may be sent."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be sent can only differ for these teams and for these targets; ``whole``: for all."""

    teams: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    whole: bool = False

    def holds(self, team: str, target: str) -> bool:
        """Return whether a team and a target have to be tried."""
        return self.whole or team in self.teams or target in self.targets


EVERYTHING: Final = Scope(whole=True)


def scope_of(old: PolicySnapshot, new: PolicySnapshot, edits: Iterable[Edit]) -> Scope:
    """Return how far edits can reach. A rule reaches everything, all else what it names."""
    teams: set[str] = set()
    targets: set[str] = set()
    for edit in filter(can_matter, edits):
        if edit.section == "rules":
            return EVERYTHING
        if edit.section == "targets":
            targets.add(edit.name)
        elif edit.section == "exceptions":
            held = [one for one in (*old.exceptions, *new.exceptions) if one.id == edit.name]
            teams |= {team for one in held for team in one.teams}
        else:
            teams.add(edit.name)
    return Scope(frozenset(teams), frozenset(targets))


def can_matter(edit: Edit) -> bool:
    """Return whether an edit can change what may be sent."""
    if edit.section == "targets":
        return not edit.field or edit.field in _LEAVING
    if edit.section == "modes":
        return bool(edit.name)
    if edit.section == "teams":
        return not edit.field
    if edit.section == "exceptions":
        return edit.before is not None and edit.after is not None
    return edit.section == "rules"
