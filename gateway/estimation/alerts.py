"""Alerts about budgets: which began, which ended, each reported once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from gateway.domain.budget import NS, Account
from gateway.domain.money import usd_text
from gateway.estimation.burn import Exhaustion, SpendTrack, burning, exhaustion

AlertKind = Literal["budget_burning", "budget_recovered", "budget_soft_limit", "budget_exhausted"]
PERCENT: Final = 100
MOST: Final = 2000
"""Counters whose pace is computed, teams before keys; the others only raise alerts for limits."""


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
        """Idempotency key: stable across retries and, for once-per-period alerts, across restarts."""
        when = "" if self.kind in {"budget_soft_limit", "budget_exhausted"} else f":{self.at_ns // NS}"
        return f"{self.kind}:{self.account.counter}:{self.account.limit}:{self.detail}{when}"

    def as_json(self) -> dict[str, Any]:
        """Return what a webhook is sent: ids and amounts in dollars or tokens, never a text."""
        account, ends = self.account, None
        write = usd_text if account.unit == "usd" else int
        if self.ends is not None:
            ends = {name: getattr(self.ends, name) for name in ("early", "expected", "late")}
        return {
            "id": self.id,
            "type": self.kind,
            "at": self.at_ns / NS,
            "payer": account.budget.payer,
            "owner": account.owner,
            "period": account.period.name,
            f"limit_{account.unit}": write(account.limit),
            f"spent_{account.unit}": write(self.spent),
            "detail": self.detail,
            "exhaustion": ends,
        }


@dataclass(slots=True)
class _Followed:
    period: str = ""
    reported: set[str] = field(default_factory=set)
    burning: bool = False


class Watch:
    """Follows accounts from look to look."""

    def __init__(self) -> None:
        self._tracks: dict[str, SpendTrack] = {}
        """By counter: a new period starts from zero, a changed limit does not."""
        self._followed: dict[tuple[str, int], _Followed] = {}
        """By counter (of any period) and limit: budgets that share a counter have their own alerts."""
        self.burns: dict[tuple[str, str], float] = {}
        """(label, window) → burn of those windows that are over their threshold, of the fastest budget of a label.

        Labels are ``payer:owner``, with ``:tokens`` for budgets in tokens; keys have none, they are too many.
        """
        self.ends: dict[str, float] = {}
        """Label → seconds until its first budget is gone at the pace of recent days; none: they last."""

    def look(self, accounts: Sequence[tuple[Account, int]], at_ns: int) -> list[Alert]:
        """Take what accounts have spent by now, all that are to be followed; return what is new."""
        self.burns, self.ends = {}, {}
        names = [account.counter for account, _ in accounts]
        self._tracks = {name: track for name in names if (track := self._tracks.get(name)) is not None}
        for name in names:
            if name not in self._tracks and len(self._tracks) < MOST:
                self._tracks[name] = SpendTrack()
        kept = {(_name(account), account.limit) for account, _ in accounts}
        self._followed = {place: self._followed.get(place) or _Followed() for place in kept}
        return [alert for account, spent in accounts for alert in self._look(account, spent, at_ns)]

    def _look(self, account: Account, spent: int, at_ns: int) -> list[Alert]:
        one = self._followed[_name(account), account.limit]
        if one.period != account.period.name:
            one.period, one.reported = account.period.name, set()
        track, ends = self._tracks.get(account.counter), None
        if track is not None:
            track.note(at_ns / NS, spent)
            ends = _ends(track, account, spent, at_ns)
        found = [
            Alert("budget_soft_limit", account, at_ns, spent, f"{share} %", ends)
            for share in account.budget.soft
            if spent * PERCENT >= account.limit * share and self._once(one, f"{share} %")
        ]
        if spent >= account.limit and self._once(one, "exhausted"):
            found.append(Alert("budget_exhausted", account, at_ns, spent, "100 %", ends))
        hot: dict[str, float] = {}
        if track is not None:
            period_s = (account.period.end_ns - account.period.start_ns) / NS
            hot = burning(track, at_ns / NS, spent, account.limit, period_s)
        self._gauge(account, hot, ends, at_ns)
        if hot and not one.burning:
            windows = ", ".join(f"{window} at {rate:.1f}x" for window, rate in sorted(hot.items()))
            found.append(Alert("budget_burning", account, at_ns, spent, windows, ends))
        if one.burning and not hot:
            found.append(Alert("budget_recovered", account, at_ns, spent, "", ends))
        one.burning = bool(hot)
        return found

    def _gauge(self, account: Account, hot: dict[str, float], ends: Exhaustion | None, at_ns: int) -> None:
        """Keep the worst of a label."""
        if account.budget.payer == "key":
            return
        label = f"{account.budget.payer}:{account.owner}" + (":tokens" if account.unit == "tokens" else "")
        for window, rate in hot.items():
            self.burns[label, window] = max(rate, self.burns.get((label, window), 0.0))
        if ends is not None and ends.expected is not None:
            left_s = ends.expected - at_ns / NS
            self.ends[label] = min(left_s, self.ends.get(label, left_s))

    @staticmethod
    def _once(one: _Followed, what: str) -> bool:
        """Return whether something is reported for the first time in this period."""
        if what in one.reported:
            return False
        one.reported.add(what)
        return True


def _name(account: Account) -> str:
    return f"{account.owner}:{account.budget.name(account.unit)}"


def _ends(track: SpendTrack, account: Account, spent: int, at_ns: int) -> Exhaustion | None:
    at_s = at_ns / NS
    return exhaustion(at_s, account.limit - spent, track.daily(at_s, spent), account.period.end_ns / NS)
