"""Which changes of a policy wait until somebody accepts them: those that let more be sent, or be proved no longer."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.label import DataClass
from gateway.domain.team import Team
from gateway.policy.diff.change import Kind, PolicyChange
from gateway.policy.diff.compare import Diff
from gateway.policy.diff.matrices import Spot, axes_of, leaving
from gateway.policy.snapshot import PolicySnapshot


def held_changes(diff: Diff, old: PolicySnapshot, new: PolicySnapshot) -> tuple[PolicyChange, ...]:
    """Return the changes that wait.

    Not held are a new team whose texts may be sent nowhere where those of a team in force may not, and exceptions: each
    names its teams, owner and reason, ends within 90 days, and never lets restricted data be sent. One that excuses
    every finding of a kind that is restricted does, and is held.
    """
    widening = [change for change in diff.changes if change.kind is Kind.WIDENS]
    if not widening:
        return ()
    harmless, boundless = _harmless_teams(old, new), _boundless(new)
    return tuple([one for one in widening if not _is_harmless(one, harmless, boundless)])


def _is_harmless(change: PolicyChange, teams: set[str], boundless: set[str]) -> bool:
    word, _, rest = change.effect.what.partition(" ")
    if word == "exception":
        return rest.partition(" ")[0] not in boundless
    named = set(change.effect.teams)
    return bool(named and named <= teams)


def _boundless(new: PolicySnapshot) -> set[str]:
    """Return the exceptions by which every finding of a kind that is restricted counts no more."""
    sure = {kind: label.data_class for kind, (label, _) in new.sensitivity.labels().items()}
    return {
        one.id
        for one in new.exceptions
        if not one.values
        and any(sure.get(kind, DataClass.RESTRICTED) is DataClass.RESTRICTED for kind in one.detectors)
    }


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
