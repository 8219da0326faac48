"""The two egress matrices: which label of which team may leave for which place, in one and not in the other.

Found by trying, as ``policy check`` does, not by reading rules. Beside class and categories this tries what else can
keep a text back: regions of floors, keys that conditions name, and exceptions, each taken to be in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.domain.target import Target
from gateway.policy.diff.keys import keys_named
from gateway.policy.matrix import Categories, category_sets
from gateway.policy.snapshot import Snapshot

Regions = frozenset[str] | None


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """Where a text goes when it leaves: an id that points elsewhere is another destination."""

    target: str
    places: tuple[str, ...]
    vendor: str
    region: str


@dataclass(frozen=True, slots=True)
class Spot:
    """One combination that may leave."""

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


def axes_of(old: Snapshot, new: Snapshot) -> Axes:
    """Return what has to be tried to compare two policies."""
    sets = {*category_sets(old), *category_sets(new)}
    floors = [*old.floors, *new.floors]
    named = {region for floor in floors for region in floor.label.regions or ()}
    regions: tuple[Regions, ...] = (None,)
    if any(floor.label.regions is not None for floor in floors):
        named |= {target.region for each in (old, new) for target in each.targets.values()}
        regions = (None, *(frozenset([region]) for region in sorted(named)), frozenset())
    return Axes(
        sets=tuple(sorted(sets, key=lambda one: (len(one), sorted(one)))),
        regions=regions,
        keys=("", *sorted(_keys(old) | _keys(new))),
        exceptions=frozenset(one.id for one in old.exceptions) & frozenset(one.id for one in new.exceptions),
    )


def _keys(snapshot: Snapshot) -> set[str]:
    return {key for hard in snapshot.hard if hard.when is not None for key in keys_named(hard.when.text)}


def destination_of(target: Target) -> Destination:
    """Return where a target is."""
    return Destination(target.id, tuple(sorted(target.places)), target.vendor, target.region)


def leaving(snapshot: Snapshot, axes: Axes) -> set[Spot]:
    """Return all combinations that may leave under a policy."""
    return set(_leaving(snapshot, axes))


def _leaving(snapshot: Snapshot, axes: Axes) -> Iterator[Spot]:
    closed = [(target, destination_of(target)) for target in snapshot.targets.values() if target.zone == "closed"]
    for name, team in snapshot.teams.items():
        held = [one.id for one in team.exceptions if one.targets and one.id in axes.exceptions]
        for level, some, key in product(DataClass, axes.sets, axes.keys):
            verdicts: dict[str, bool | None] = {}  # conditions see neither regions nor exceptions
            for regions, exception in product(axes.regions, ("", *held)):
                facts = Facts(
                    name, key, "", "", label=Label(level, some, regions), exceptions=(exception,) if exception else ()
                )
                for target, destination in closed:
                    if snapshot.leave(target, facts, verdicts) is None:
                        yield Spot(name, level, some, destination, regions, key, exception)


def may_leave(snapshot: Snapshot, spot: Spot) -> bool:
    """Tell whether one combination may leave under a policy."""
    target = snapshot.targets.get(spot.destination.target)
    if target is None or target.zone != "closed" or spot.team not in snapshot.teams:
        return False
    return destination_of(target) == spot.destination and snapshot.leave(target, spot.facts) is None


def difference(more: set[Spot], fewer: set[Spot]) -> list[Spot]:
    """Return what may leave in one and not in the other; by an exception only where not without it, too."""
    gained = more - fewer
    return sorted((spot for spot in gained if not spot.exception or _plain(spot) not in gained), key=_order)


def _plain(spot: Spot) -> Spot:
    return Spot(spot.team, spot.data_class, spot.categories, spot.destination, spot.regions, spot.key)


def _order(spot: Spot) -> tuple[object, ...]:
    regions = [] if spot.regions is None else ["", *sorted(spot.regions)]
    return spot.destination, spot.team, spot.data_class, sorted(spot.categories), regions, spot.key, spot.exception
