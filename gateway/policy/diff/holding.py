"""Which changes of a policy wait until somebody accepts them: those that let more be sent, or be proved no longer."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.team import Team
from gateway.policy.diff.change import Kind, PolicyChange
from gateway.policy.diff.compare import Diff
from gateway.policy.diff.matrices import Spot, axes_of, leaving
from gateway.policy.snapshot import PolicySnapshot


def held_changes(diff: Diff, old: PolicySnapshot, new: PolicySnapshot) -> tuple[PolicyChange, ...]:
    """Return the changes that wait.

    Not held are a new team whose texts may be sent nowhere where those of a team in force may not, and exceptions: each
    names its teams, owner and reason, ends within 90 days, and never lets restricted data be sent.
    """
    widening = [change for change in diff.changes if change.kind is Kind.WIDENS]
    if not widening:
        return ()
    harmless = _harmless_teams(old, new)
    return tuple([one for one in widening if not _is_harmless(one, harmless)])


def _is_harmless(change: PolicyChange, teams: set[str]) -> bool:
    named = set(change.effect.teams)
    return change.effect.what.startswith("exception ") or bool(named and named <= teams)


def _harmless_teams(old: PolicySnapshot, new: PolicySnapshot) -> set[str]:
    """Return the new teams that are within the reach of one in force."""
    added = new.teams.keys() - old.teams.keys()
    if not added:
        return set()
    axes = axes_of(old, new)
    before, after = _by_team(leaving(old, axes)), _by_team(leaving(new, axes))
    return {
        name
        for name in added
        if any(
            after.get(name, frozenset()) <= before.get(other, frozenset()) and _masks_no_more(new.teams[name], team)
            for other, team in old.teams.items()
        )
    }


def _masks_no_more(team: Team, other: Team) -> bool:
    """Return whether a team has no permission of its own that another lacks."""
    lower = any(level < dict(other.unscannable).get(kind, level) for kind, level in team.unscannable)
    own = {kind for kind, _ in team.unscannable} - {kind for kind, _ in other.unscannable}
    return (other.masks_all or not team.masks_all) and team.default_class >= other.default_class and not (lower or own)


def _by_team(spots: set[Spot]) -> dict[str, frozenset[Spot]]:
    found: dict[str, set[Spot]] = {}
    for spot in spots:
        found.setdefault(spot.team, set()).add(replace(spot, team=""))
    return {team: frozenset(some) for team, some in found.items()}


def summary(changes: Sequence[PolicyChange]) -> str:
    """Return held changes in one line: how many, and the first of them with its place."""
    first = changes[0]
    place = f"{first.place.file}:{first.place.line}: {first.place.key}"
    rest = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
    return f"{first.effect.what} ({place}){rest}"
