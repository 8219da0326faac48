"""All that a cost report is made of, asked of the ledger in one sight."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from gateway.domain.costs import CostRow, Grouping
from gateway.domain.target import Target
from gateway.reports import budgets, focus
from gateway.reports.costs import Beside, CostReport, build
from gateway.reports.forecast import DAYS, BudgetState
from gateway.reports.idle import idle_by_day
from gateway.reports.savings import TOKEN_RATIO
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader, LedgerView

if TYPE_CHECKING:
    from gateway.policy.snapshot import PolicySnapshot

_DAY_NS: Final = 86_400_000_000_000
_HARDWARE: Final = {"target"}
"""With any other filter, idle hardware cannot be assigned."""


@dataclass(frozen=True, slots=True)
class CostQuery:
    """What somebody wants to know."""

    by: Grouping
    span: Span
    now_ns: int
    only: Mapping[str, str] = field(default_factory=dict)
    """Dimension → the one name in it that counts."""
    token_ratio: float = TOKEN_RATIO
    trend: bool = False
    """With the same span by day."""
    teams: frozenset[str] | None = None
    """Only these teams count, because the caller may see no others; None: all."""


def cost_report(reader: LedgerReader, asked: CostQuery) -> CostReport:
    """Return the report.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    span = asked.span
    with reader.view() as view:
        stored = view.newest_policy()
        policy = None if stored is None else _policy(stored)
        rows = _rows(view, asked, asked.by)
        days = _rows(view, asked, "day") if asked.trend else []
        idle = _idle(view, asked, {} if policy is None else policy.targets)
        states: tuple[BudgetState, ...] = ()
        narrowed = asked.only or asked.teams is not None
        if policy is not None and not narrowed and any(team.budgets for team in policy.teams.values()):
            # cache: budgets of one period ask for the same sums
            since = cache(lambda start: view.cost_groups(start, asked.now_ns + 1, ("team", "key")))
            states = budgets.states(asked.by, policy.teams, asked.now_ns, since, _daily(view, asked.now_ns))
    beside = Beside(days, idle, states, asked.only, asked.token_ratio)
    return build(asked.by, span.first, span.last, rows, beside)


def focus_file(reader: LedgerReader, asked: CostQuery, account: str) -> Iterator[str]:
    """Yield the span as FOCUS, in pieces; ``account`` is what it is billed to.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    span = asked.span
    with reader.view() as view:
        stored = view.newest_policy()
        targets = {} if stored is None else _policy(stored).targets
        idle = _idle(view, asked, targets)
        found = view.each_group((span.from_ns, span.to_ns), focus.DIMENSIONS, focus.FocusCharges._fields, asked.only)
        groups = ((names, focus.FocusCharges(*values)) for names, values in found)
        yield from focus.render(groups, idle or {}, targets, account)


def _policy(stored: bytes) -> "PolicySnapshot":
    from gateway.policy.load.build import build as policy_of  # noqa: PLC0415 -- an empty ledger has none

    return policy_of(stored)


def _rows(view: LedgerView, asked: CostQuery, by: Grouping) -> list[CostRow]:
    """Return the sums by group. If only some teams count, theirs are queried one by one and added up."""
    looks = [asked.only]
    if asked.teams is not None:
        own = asked.teams & {asked.only.get("team", team) for team in asked.teams}
        looks = [{**asked.only, "team": team} for team in sorted(own)]
    found: dict[str, CostRow] = {}
    for only in looks:
        for row in view.cost_rows(asked.span.from_ns, asked.span.to_ns, by, only):
            found[row.name] = row.plus(found.get(row.name, CostRow(row.name)))
    return [found[name] for name in sorted(found)]


def _idle(view: LedgerView, asked: CostQuery, targets: Mapping[str, Target]) -> dict[tuple[str, str], int] | None:
    if asked.teams is not None or not asked.only.keys() <= _HARDWARE:
        return None
    found = idle_by_day(view.measured(asked.span.from_ns, asked.span.to_ns), targets) or {}
    only = asked.only.get("target")
    return {key: amount for key, amount in found.items() if only in {None, key[0]}} or None


def _daily(view: LedgerView, now_ns: int) -> dict[tuple[str, ...], CostRow]:
    today = now_ns // _DAY_NS * _DAY_NS
    return view.cost_groups(today - DAYS * _DAY_NS, today, ("day", "team", "key"))
