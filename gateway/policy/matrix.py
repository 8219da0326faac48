"""Every combination there is: who may send what where, found by trying all of them, not by reading rules.

Only what a caller cannot fake counts as keeping anything back: clearance, and the rules that look at nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.policy.snapshot import Snapshot

Categories = frozenset[Category]

NO_CATEGORY: Final[Categories] = frozenset()


@dataclass(frozen=True, slots=True)
class Cell:
    """May this team's text of this label leave for this vendor's target; if not, by which rule."""

    team: str
    data_class: DataClass
    categories: Categories
    target: str
    rule: str | None
    """None: it may leave."""


def category_sets(snapshot: Snapshot) -> list[Categories]:
    """Return the sets of categories that have to be tried.

    Clearance and all rules without conditions only get stricter with more categories, so none, each one and all of them
    stand for every set. As soon as a condition looks at categories, every set is tried.
    """
    every = sorted(Category)
    conditions = [hard.when for hard in snapshot.hard if hard.when is not None]
    if any("categories" in condition.uses for condition in conditions):
        return [frozenset(some) for size in range(len(every) + 1) for some in combinations(every, size)]
    return [NO_CATEGORY, *(frozenset([one]) for one in every), frozenset(every)]


def egress_matrix(snapshot: Snapshot, *, singles: bool = True) -> Iterator[Cell]:
    """Yield the fate of every label of every team at every closed target.

    ``singles``: only no category and each single one, which is what people read; else all sets that have to be tried.
    """
    closed = [target for _, target in sorted(snapshot.targets.items()) if target.zone == "closed"]
    sets = [NO_CATEGORY, *(frozenset([one]) for one in sorted(Category))] if singles else category_sets(snapshot)
    for team in sorted(snapshot.teams):
        for level in DataClass:
            for categories in sets:
                facts = Facts(team, "", "", "", label=Label(level, categories))
                verdicts: dict[str, bool | None] = {}
                for target in closed:
                    keeping = snapshot.leave(target, facts, verdicts)
                    rule = None if keeping is None else keeping.rule.name
                    yield Cell(team, level, categories, target.id, rule)


def not_monotone(snapshot: Snapshot) -> list[tuple[str, str, DataClass]]:
    """Return (team, target, level) where a level may leave although a lower one, with the same categories, may not."""
    kept: set[tuple[str, str, Categories]] = set()
    odd: set[tuple[str, str, DataClass]] = set()
    for cell in egress_matrix(snapshot, singles=False):
        name = (cell.team, cell.target, cell.categories)
        if cell.rule is not None:
            kept.add(name)
        elif name in kept:
            odd.add((cell.team, cell.target, cell.data_class))
    return sorted(odd)
