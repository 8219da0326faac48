"""The two egress matrices: which label of which team may be sent where, in one and not in the other.

Found by trying, as ``policy check`` does, not by reading rules. Beside class and categories this tries what else can
keep a text back: regions of floors, keys that conditions name, and exceptions, each taken to be in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from msgspec.structs import replace

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.domain.target import Target
from gateway.policy.decide.hard_rules import first_certain_refusal
from gateway.policy.diff.keys import keys_named
from gateway.policy.diff.scope import EVERYTHING, Scope
from gateway.policy.prove.matrix import Categories, category_sets
from gateway.policy.snapshot import PolicySnapshot

Regions = frozenset[str] | None

ELSEWHERE: Final[frozenset[str]] = frozenset()
"""Regions among which a target's is not. No rule sees more of a label's regions than whether it is among them."""


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """The destination of a text: the same id with another address is another destination."""

    target: str
    places: tuple[str, ...]
    vendor: str
    region: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One combination that may be sent."""

    team: str
    data_class: DataClass
    categories: Categories
    destination: Destination
    regions: Regions = None
    key: str = ""
    exception: str = ""
    """Only by this exception."""

    @property
    def facts(self) -> Facts:
        """Return the facts that show it."""
        label = Label(self.data_class, self.categories, self.regions)
        return Facts(self.team, self.key, "", "", label=label, exceptions=(self.exception,) if self.exception else ())


@dataclass(frozen=True, slots=True)
class Axes:
    """All values that have to be tried."""

    sets: tuple[Categories, ...]
    regions: tuple[Regions, ...]
    keys: tuple[str, ...]
    exceptions: frozenset[str]
    scope: Scope = EVERYTHING


def axes_of(old: PolicySnapshot, new: PolicySnapshot, scope: Scope = EVERYTHING) -> Axes:
    """Return what has to be tried to compare two policies."""
    sets = {*category_sets(old), *category_sets(new)}
    kept = any(floor.label.regions is not None for floor in (*old.floors, *new.floors))
    return Axes(
        sets=tuple(sorted(sets, key=lambda one: (len(one), sorted(one)))),
        regions=(None, ELSEWHERE) if kept else (None,),
        keys=("", *sorted(_keys(old) | _keys(new))),
        exceptions=frozenset(one.id for one in old.exceptions) & frozenset(one.id for one in new.exceptions),
        scope=scope,
    )


def _keys(snapshot: PolicySnapshot) -> set[str]:
    return {key for hard in snapshot.hard if hard.when is not None for key in keys_named(hard.when.text)}


def destination_of(target: Target) -> Destination:
    """Return where a target is."""
    return Destination(target.id, tuple(sorted(target.places)), target.vendor, target.region)


def leaving(snapshot: PolicySnapshot, axes: Axes) -> set[Spot]:
    """Return all combinations that may be sent under a policy."""
    return set(_leaving(snapshot, axes))


def _leaving(snapshot: PolicySnapshot, axes: Axes) -> Iterator[Spot]:
    closed = [target for target in snapshot.targets.values() if target.zone == "closed"]
    for name, team in snapshot.teams.items():
        ways = []
        for target in closed:
            if axes.scope.holds(name, target.id):
                held = [one.id for one in team.exceptions if one.id in axes.exceptions and target.id in one.targets]
                ways.append((target, destination_of(target), ("", *held)))
        for level, some, key in product(DataClass, axes.sets, axes.keys) if ways else ():
            verdicts: dict[str, bool | None] = {}  # conditions see neither regions nor exceptions
            for regions in axes.regions:
                facts = Facts(name, key, "", "", label=Label(level, some, regions))
                for target, destination, exceptions in ways:
                    for exception in exceptions:
                        asked = replace(facts, exceptions=(exception,)) if exception else facts
                        if first_certain_refusal(snapshot, target, asked, verdicts) is None:
                            yield Spot(name, level, some, destination, regions, key, exception)


def may_leave(snapshot: PolicySnapshot, spot: Spot) -> bool:
    """Return whether one combination may be sent under a policy."""
    target = snapshot.targets.get(spot.destination.target)
    if target is None or target.zone != "closed" or spot.team not in snapshot.teams:
        return False
    return destination_of(target) == spot.destination and first_certain_refusal(snapshot, target, spot.facts) is None


def difference(more: set[Spot], fewer: set[Spot]) -> list[Spot]:
    """Return what may be sent in one and not in the other; by an exception only where not without it, too."""
    gained = more - fewer
    return sorted((spot for spot in gained if not spot.exception or _plain(spot) not in gained), key=_order)


def _plain(spot: Spot) -> Spot:
    return Spot(spot.team, spot.data_class, spot.categories, spot.destination, spot.regions, spot.key)


def _order(spot: Spot) -> tuple[object, ...]:
    regions = [] if spot.regions is None else ["", *sorted(spot.regions)]
    return spot.destination, spot.team, spot.data_class, sorted(spot.categories), regions, spot.key, spot.exception
