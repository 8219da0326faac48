"""The pace of budgets as this process sees it: noted with each request, for rules that act on it."""

from collections.abc import Sequence

from gateway.domain.budget import NS, Account
from gateway.domain.facts import Facts
from gateway.estimation.burn import SpendTrack, pace_milli
from gateway.pipeline.payment import Used
from gateway.policy.rules.burn_rate import BurnRateRule

WINDOW_S = 86_400
"""The governor looks at a day: shorter, and it would act on every night and lunch break."""
MOST = 2000
"""Counters that are followed; the one that came first is forgotten first."""


class Pacing:
    """How fast counters went lately, and which governors are at work."""

    def __init__(self) -> None:
        self._tracks: dict[str, SpendTrack] = {}
        self._governing: set[tuple[str, str]] = set()

    def track(self, account: Account, state: Used, at_ns: int) -> tuple[SpendTrack, int]:
        """Note what an account has spent by now; return its track and that."""
        name = f"{account.owner}:{account.budget.name(account.unit)}"
        track = self._tracks.get(name)
        if track is None:
            if len(self._tracks) >= MOST:
                self._tracks.pop(next(iter(self._tracks)))
            track = self._tracks[name] = SpendTrack()
        spent = state.used(account.counter)[0]
        track.note(at_ns / NS, spent)
        return track, spent

    def facts(
        self, paid: Sequence[Account], rules: Sequence[BurnRateRule], state: Used, at_ns: int
    ) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
        """Return the pace by payer, in thousandths, and the names of the rules that were at work before."""
        pace: dict[str, int] = {}
        for account in paid:
            if account.unit == "usd":
                track, spent = self.track(account, state, at_ns)
                lately = track.spent(at_ns / NS, spent, WINDOW_S)
                if lately is not None:
                    left_s = (account.period.end_ns - at_ns) / NS
                    milli = pace_milli(*lately, account.limit - spent, left_s)
                    pace[account.budget.payer] = max(milli, pace.get(account.budget.payer, 0))
        owners = {account.budget.payer: account.owner for account in paid}
        before = frozenset(rule.name for rule in rules if (rule.name, owners.get(rule.budget, "")) in self._governing)
        return tuple(sorted(pace.items())), before

    def remember(self, rules: Sequence[BurnRateRule], facts: Facts, paid: Sequence[Account]) -> None:
        """Keep which governors are at work now."""
        owners = {account.budget.payer: account.owner for account in paid}
        for rule in rules:
            place = (rule.name, owners.get(rule.budget, ""))
            (self._governing.add if rule.holds(facts) else self._governing.discard)(place)
