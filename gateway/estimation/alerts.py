"""Alerts about budgets: which began, which ended, each told once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gateway.domain.budget import NS, Account
from gateway.domain.money import usd_text
from gateway.estimation.burn import Exhaustion, SpendTrack, burning, exhaustion

AlertKind = Literal["budget_burning", "budget_recovered", "budget_soft_limit", "budget_exhausted"]
PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody should know."""

    kind: AlertKind
    account: Account
    at_ns: int
    spent: int
    detail: str
    """Windows that burn, or the share that was passed."""
    ends: Exhaustion | None = None

    @property
    def id(self) -> str:
        """The same for each try of a delivery; of what is told once a period, the same after a restart, too."""
        when = "" if self.kind in {"budget_soft_limit", "budget_exhausted"} else f":{self.at_ns // NS}"
        return f"{self.kind}:{self.account.counter}:{self.detail}{when}"

    def as_json(self) -> dict[str, Any]:
        """Return what a webhook is sent: ids and money, never a text."""
        account = self.account
        ends = None
        if self.ends is not None:
            ends = {name: getattr(self.ends, name) for name in ("early", "expected", "late")}
        return {
            "id": self.id,
            "type": self.kind,
            "at": self.at_ns / NS,
            "payer": account.budget.payer,
            "owner": account.owner,
            "period": account.period.name,
            "limit_usd": usd_text(account.limit),
            "spent_usd": usd_text(self.spent),
            "detail": self.detail,
            "exhaustion": ends,
        }


@dataclass(slots=True)
class _Followed:
    track: SpendTrack = field(default_factory=SpendTrack)
    period: str = ""
    told: set[str] = field(default_factory=set)
    burning: bool = False


class Watch:
    """Follows accounts in dollars from look to look."""

    def __init__(self) -> None:
        self._followed: dict[str, _Followed] = {}
        self.burns: dict[tuple[str, str], float] = {}
        """(payer:owner, window) → burn of those windows that are over their threshold."""
        self.ends: dict[str, float] = {}
        """payer:owner → seconds until the budget is gone at the pace of recent days; none: it lasts."""

    def look(self, accounts: Sequence[tuple[Account, int]], at_ns: int) -> list[Alert]:
        """Take what accounts have spent by now; return what is new."""
        self.burns, self.ends = {}, {}
        return [alert for account, spent in accounts for alert in self._look(account, spent, at_ns)]

    def _look(self, account: Account, spent: int, at_ns: int) -> list[Alert]:
        name = f"{account.owner}:{account.budget.name(account.unit)}"
        one = self._followed.setdefault(name, _Followed())
        if one.period != account.period.name:
            one.period, one.told = account.period.name, set()
        at_s, period = at_ns / NS, account.period
        one.track.note(at_s, spent)
        ends = exhaustion(at_s, account.limit - spent, one.track.daily(at_s, spent), period.end_ns / NS)
        label = f"{account.budget.payer}:{account.owner}"
        if ends is not None and ends.expected is not None:
            self.ends[label] = ends.expected - at_s
        found = [
            Alert("budget_soft_limit", account, at_ns, spent, f"{share} %", ends)
            for share in account.budget.soft
            if spent * PERCENT >= account.limit * share and self._once(one, f"{share} %")
        ]
        if spent >= account.limit and self._once(one, "exhausted"):
            found.append(Alert("budget_exhausted", account, at_ns, spent, "100 %", ends))
        hot = burning(one.track, at_s, spent, account.limit, (period.end_ns - period.start_ns) / NS)
        self.burns |= {(label, window): rate for window, rate in hot.items()}
        if hot and not one.burning:
            told = ", ".join(f"{window} at {rate:.1f}x" for window, rate in sorted(hot.items()))
            found.append(Alert("budget_burning", account, at_ns, spent, told, ends))
        if one.burning and not hot:
            found.append(Alert("budget_recovered", account, at_ns, spent, "", ends))
        one.burning = bool(hot)
        return found

    @staticmethod
    def _once(one: _Followed, what: str) -> bool:
        """Tell whether something is told for the first time in this period."""
        if what in one.told:
            return False
        one.told.add(what)
        return True
