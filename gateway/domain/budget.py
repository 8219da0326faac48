"""Budgets: who may spend how much in which calendar period, and which counter says what is left of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from gateway.domain.target import Zone

Covers = Literal["closed", "all"]
OnExhausted = Literal["reject", "local_only", "downgrade"]
Per = Literal["day", "week", "month", "quarter", "year"]
Payer = Literal["organization", "team", "key"]
Unit = Literal["usd", "tokens"]

MONTHS: Final = 12
QUARTER: Final = 3
NS: Final = 1_000_000_000
STEP_NS: Final = 15 * 60 * NS
"""Periods begin at whole quarters of an hour: every zone's offset is a multiple of that."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one payer may spend in a calendar period."""

    usd_nanos: int | None = None
    per: Per = "month"
    covers: Covers = "closed"
    """``closed``: only calls to vendors count; ``all``: those to our own hardware too."""
    on_exhausted: OnExhausted = "reject"
    """``local_only``: go on with local targets; ``downgrade``: go on with one target; ``reject``: refuse the call."""
    tokens: int | None = None
    """Input and output tokens; beside dollars, both limits hold."""
    downgrade: str = ""
    """The target that takes over with ``on_exhausted: downgrade``."""
    soft: tuple[int, ...] = ()
    """Percentages of the limit at which an alert is sent; nothing is refused there."""
    strict: bool = False
    """True: a call holds its true bound, and the limit is never passed. False: it holds what they usually take."""
    time_zone: str = "UTC"
    fiscal_start: int = 1
    """The month in which quarters and years begin."""
    payer: Payer = "team"
    key: str = ""
    """Of payer ``key``: the one key that it is for; empty for each key of the team."""

    def counts(self, zone: Zone) -> bool:
        """Return whether a call to this zone is paid from the budget."""
        return self.covers == "all" or zone == "closed"

    def binds(self, zone: Zone, target: str) -> bool:
        """Return whether a call is refused once the budget is spent: not where it says to go on."""
        if not self.counts(zone):
            return False
        return not (zone == "local" and (self.on_exhausted == "local_only" or target == self.downgrade))

    def name(self, unit: Unit) -> str:
        """Return what one of its limits is called in facts: the same in every period."""
        return f"{self.payer}:{unit}:{self.covers}:{self.per}:{self.time_zone}:{self.fiscal_start}"

    def limits(self) -> Iterator[tuple[Unit, int]]:
        """Yield each limit with its unit."""
        if self.usd_nanos is not None:
            yield "usd", self.usd_nanos
        if self.tokens is not None:
            yield "tokens", self.tokens


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one payer may ask for in any minute."""

    payer: Payer
    requests: int | None = None
    tokens: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period: ``[start, end)`` in Unix nanoseconds, and its name."""

    start_ns: int
    end_ns: int
    name: str


class Account(Struct, frozen=True):
    """One limit of one budget in its running period."""

    budget: Budget
    unit: Unit
    limit: int
    """Nano-dollars or tokens."""
    owner: str
    """Id of the team or key; empty for the organization."""
    period: Period
    counter: str = ""
    """The name of what is spent and held; budgets that count the same calls in the same period share it."""

    def __post_init__(self) -> None:
        """Write the counter's name once: each call uses it several times."""
        structs.force_setattr(self, "counter", f"{self.owner}:{self.budget.name(self.unit)}:{self.period.name}")

    @property
    def ends(self) -> int:
        """When the period ends, in UTC seconds."""
        return self.period.end_ns // NS


@dataclass(frozen=True, slots=True)
class Spent:
    """What a key's calls to one zone took, as the ledger has it."""

    team: str
    key: str
    zone: Zone
    cost: int
    tokens: int


def counted(account: Account, spent: Sequence[Spent]) -> int:
    """Return what an account's counter should have, of the requests that arrived since its period began."""
    payer = account.budget.payer
    return sum(
        one.cost if account.unit == "usd" else one.tokens
        for one in spent
        if account.budget.counts(one.zone)
        and (payer == "organization" or account.owner == (one.team if payer == "team" else one.key))
    )


def period(budget: Budget, at_ns: int) -> Period:
    """Return the calendar period of a budget in which a time lies.

    Days begin at midnight in the budget's time zone, whatever the clock did that night; weeks on Mondays.
    """
    return _period(budget.per, budget.time_zone, budget.fiscal_start, at_ns // STEP_NS)


def accounts(budgets: Sequence[Budget], team: str, key: str, at_ns: int) -> tuple[Account, ...]:
    """Return the accounts from which a key's calls are paid, the payer with the widest reach first."""
    owners: dict[Payer, str] = {"organization": "", "team": team, "key": key}
    return tuple(
        Account(budget, unit, limit, owners[budget.payer], period(budget, at_ns))
        for budget in budgets
        for unit, limit in budget.limits()
    )


@lru_cache(maxsize=512)
def _period(per: Per, time_zone: str, fiscal_start: int, step: int) -> Period:
    zone, at_ns = ZoneInfo(time_zone), step * STEP_NS
    local = datetime.fromtimestamp(at_ns // NS, UTC).astimezone(zone).date()
    first = _first(per, fiscal_start, local)
    last = _next(per, first)
    if _begin(last, zone) <= at_ns:  # a clock that was set back over midnight shows yesterday's date again
        first, last = last, _next(per, last)
    return Period(_begin(first, zone), _begin(last, zone), _name(per, fiscal_start, first))


def _begin(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * NS


def _first(per: Per, fiscal_start: int, day: date) -> date:
    if per == "day":
        return day
    if per == "week":
        return day - timedelta(days=day.weekday())
    if per == "month":
        return day.replace(day=1)
    into = (day.month - fiscal_start) % MONTHS
    if per == "quarter":
        into %= QUARTER
    return _plus_months(day.replace(day=1), -into)


def _next(per: Per, first: date) -> date:
    if per in {"day", "week"}:
        return first + timedelta(days=1 if per == "day" else 7)
    return _plus_months(first, {"month": 1, "quarter": QUARTER}.get(per, MONTHS))


def _plus_months(first: date, months: int) -> date:
    count = first.year * MONTHS + first.month - 1 + months
    return first.replace(year=count // MONTHS, month=count % MONTHS + 1)


def _name(per: Per, fiscal_start: int, first: date) -> str:
    if per == "day":
        return first.isoformat()
    if per == "week":
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}"
    if per == "month":
        return f"{first.year}-{first.month:02}"
    began = first.year if first.month >= fiscal_start else first.year - 1
    year_name = f"{began}" if fiscal_start == 1 else f"FY{began}"
    return year_name if per == "year" else f"{year_name}-Q{(first.month - fiscal_start) % MONTHS // QUARTER + 1}"
