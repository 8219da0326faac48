"""The egress matrix: who may send what where, found by trying all combinations, not by reading rules.

Only what a caller cannot fake counts as keeping anything back: clearance, and the rules that look at nothing else. No
rule knows of which kind an attempt is (first, retry, failover, shadow, judge …), and permission is checked for each:
so the matrix holds for every kind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.domain.target import Target
from gateway.policy.decide.hard_rules import first_certain_refusal
from gateway.policy.snapshot import PolicySnapshot

Categories = frozenset[Category]

NO_CATEGORY: Final[Categories] = frozenset()


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Whether this team's text with this label may be sent to this vendor's target; if not, by which rule."""

    team: str
    data_class: DataClass
    categories: Categories
    target: str
    rule: str | None
    """None: it may be sent."""
    exception: str = ""
    """The exception that permits it in spite of the rule, while it lasts."""


def category_sets(snapshot: PolicySnapshot) -> list[Categories]:
    """Return the sets of categories that have to be tried.

    Clearance and all rules without conditions only get stricter with more categories, so none, each one and all of them
    stand for every set. As soon as a condition looks at categories, every set is tried.
    """
    every = sorted(Category)
    conditions = [hard.when for hard in snapshot.hard if hard.when is not None]
    if any("categories" in condition.uses for condition in conditions):
        return [frozenset(some) for size in range(len(every) + 1) for some in combinations(every, size)]
    return [NO_CATEGORY, *(frozenset([one]) for one in every), frozenset(every)]


def egress_matrix(snapshot: PolicySnapshot, *, singles: bool = True) -> Iterator[MatrixCell]:
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
                    keeping = first_certain_refusal(snapshot, target, facts, verdicts)
                    if keeping is None:
                        yield MatrixCell(team, level, categories, target.id, None)
                        continue
                    exception = _exception(snapshot, target, facts)
                    yield MatrixCell(team, level, categories, target.id, keeping.rule.name, exception)


def _exception(snapshot: PolicySnapshot, target: Target, facts: Facts) -> str:
    """Return the exception by which facts may go to a target that a rule keeps them from; empty without one."""
    owner = snapshot.teams[facts.team]
    for one in owner.exceptions:
        if one.targets and first_certain_refusal(snapshot, target, replace(facts, exceptions=(one.id,))) is None:
            return one.id
    return ""


@dataclass(frozen=True, slots=True)
class Odd:
    """A label that may be sent although a lower one may not: a mistake in the policy."""

    kept: MatrixCell
    leaves: MatrixCell


def not_monotone(snapshot: PolicySnapshot) -> list[Odd]:
    """Return where a label may be sent although a lower one may not; one per team and target."""
    places: dict[tuple[str, str], dict[tuple[DataClass, Categories], MatrixCell]] = {}
    for cell in egress_matrix(snapshot, singles=False):
        places.setdefault((cell.team, cell.target), {})[cell.data_class, cell.categories] = cell
    found = (_odd(cells) for _, cells in sorted(places.items()))
    return [odd for odd in found if odd is not None]


def _odd(cells: Mapping[tuple[DataClass, Categories], MatrixCell]) -> Odd | None:
    """Return the first label that may be sent although a neighbour below it may not.

    What holds between all neighbours holds between all labels.
    """
    for (level, categories), cell in cells.items():
        if cell.rule is not None:
            continue
        below = [(DataClass(level - 1), categories)] if level else []
        below += [(level, categories - {one}) for one in categories]
        below += [
            (level, frozenset([one])) for one in categories
        ]  # where only none, each one and all of them are tried
        for name in below:
            lower = cells.get(name)
            if lower is not None and lower.rule is not None and not lower.exception:
                return Odd(lower, cell)
    return None


def describe(cell: MatrixCell) -> str:
    """Return a cell's label as people read it."""
    categories = ", ".join(sorted(cell.categories))
    return cell.data_class.word + (f" ({categories})" if categories else "")
