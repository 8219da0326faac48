"""Many spots of one edit as few lines that people can read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from gateway.domain.label import DataClass
from gateway.policy.diff.matrices import Axes, Spot
from gateway.policy.prove.matrix import NO_CATEGORY, Categories

Group = tuple[tuple[str, ...], str, tuple[str, ...]]
"""Teams, label, targets."""


def grouped(spots: Iterable[Spot], axes: Axes) -> list[Group]:
    """Return (teams, label, targets) that together say what the spots say."""
    by_pair: dict[tuple[str, str], set[Spot]] = defaultdict(set)
    for spot in spots:
        by_pair[spot.team, spot.destination.target].add(spot)
    teams: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (team, target), some in by_pair.items():
        for label in _labels(some, axes):
            teams[label, target].add(team)
    targets: dict[tuple[tuple[str, ...], str], set[str]] = defaultdict(set)
    for (label, target), some_teams in teams.items():
        targets[tuple(sorted(some_teams)), label].add(target)
    return sorted((names, label, tuple(sorted(some))) for (names, label), some in targets.items())


def _labels(spots: set[Spot], axes: Axes) -> Iterator[str]:
    """Yield the labels of one team and target."""
    where: dict[str, dict[DataClass, set[Categories]]] = defaultdict(lambda: defaultdict(set))
    shown = {(spot.data_class, spot.categories, spot.regions, spot.key, spot.exception) for spot in spots}
    for spot in spots:
        level, some = spot.data_class, spot.categories
        if spot.regions is not None and (level, some, None, spot.key, spot.exception) in shown:
            continue
        if spot.key and (level, some, spot.regions, "", spot.exception) in shown:
            continue
        where[_circumstance(spot)][level].add(some)
    for circumstance, levels in sorted(where.items()):
        by_sets: dict[frozenset[Categories], list[DataClass]] = defaultdict(list)
        for level, sets in sorted(levels.items()):
            by_sets[frozenset(sets)].append(level)
        for alike, some_levels in by_sets.items():
            yield f"{_levels(some_levels)} ({_categories(alike, axes)}){circumstance}"


def _circumstance(spot: Spot) -> str:
    parts = []
    if spot.regions is not None:
        parts.append("kept to other regions")
    if spot.key:
        parts.append(f"key {spot.key}")
    if spot.exception:
        parts.append(f"by exception {spot.exception}")
    return f" [{', '.join(parts)}]" if parts else ""


def _levels(levels: list[DataClass]) -> str:
    """Return classes as people read them; three in a row have ends only."""
    words = [level.word for level in levels]
    if len(levels) > 1 and levels[-1] - levels[0] == len(levels) - 1:
        return f"{words[0]} … {words[-1]}"
    return ", ".join(words)


def _categories(sets: frozenset[Categories], axes: Axes) -> str:
    if len(sets) == len(axes.sets):
        return "all categories"
    singles = [one for one in axes.sets if len(one) == 1]
    inside = [one for one in singles if one in sets]
    missing = [one for one in singles if one not in sets]
    if NO_CATEGORY in sets:
        closed = NO_CATEGORY.union(*missing)
        whole = all(some in sets for some in axes.sets if not some & closed)
        if whole and not inside:
            return "no category"
        return f"without {_words(missing)}" if missing and whole else "some sets of categories"
    whole = bool(inside) and all(some & NO_CATEGORY.union(*inside) for some in sets)
    return f"with {_words(inside)}" if whole else "some sets of categories"


def _words(singles: Iterable[Categories]) -> str:
    return ", ".join(sorted(str(category) for one in singles for category in one))
