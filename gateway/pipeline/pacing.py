"""The pace of budgets as this process sees it: noted with each request, for rules that act on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain.budget import NS, Account
from gateway.domain.facts import Facts
from gateway.estimation.burn import SpendTrack, pace_milli
from gateway.pipeline.payment import Used
from gateway.policy.rules.burn_rate import BurnRateRule

WINDOW_S = 86_400
"""The governor looks at a day: shorter, and it would act on every night and lunch break."""
MOST = 2000
"""Counters that are followed; the one that was unused for the longest time is forgotten first."""


class Pacing:
    """Recent spending of counters, and the active governors."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        """Start with what :meth:`as_json` returned before a restart.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is not such data.
        """
        known = {"tracks": {}, "governing": []} if known is None else known
        self._tracks = {
            str(name): SpendTrack(WINDOW_S, moments=[(float(at_s), int(spent)) for at_s, spent in moments])
            for name, moments in known["tracks"].items()
        }
        self._governing = {(str(rule), str(owner)) for rule, owner in known["governing"]}

    def as_json(self) -> dict[str, Any]:
        """Return all that decisions depend on: names of counters and rules, moments and what was spent by then."""
        return {
            "tracks": {name: track.moments for name, track in self._tracks.items()},
            "governing": sorted(self._governing),
        }

    def note(self, paid: Sequence[Account], state: Used, at_ns: int) -> None:
        """Note what accounts in dollars have spent by now; the least recently used counters are forgotten first."""
        for account in paid:
            if account.unit == "usd":
                track = self._tracks[account.counter] = self._tracks.pop(account.counter, SpendTrack(WINDOW_S))
                track.note(at_ns / NS, state.used(account.counter)[0])
        while len(self._tracks) > MOST:
            del self._tracks[next(iter(self._tracks))]

    def facts(
        self, paid: Sequence[Account], rules: Sequence[BurnRateRule], state: Used, at_ns: int
    ) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
        """Return the pace by payer, in thousandths, and the names of the rules that were active before.

        Reads only: :meth:`note` and :meth:`remember` follow once the request is decided.
        """
        pace: dict[str, int] = {}
        for account in paid:
            track = self._tracks.get(account.counter)
            if account.unit == "usd" and track is not None:
                spent = state.used(account.counter)[0]
                lately = track.spent(at_ns / NS, spent, WINDOW_S)
                if lately is not None:
                    left_s = (account.period.end_ns - at_ns) / NS
                    milli = pace_milli(*lately, account.limit - spent, left_s)
                    pace[account.budget.payer] = max(milli, pace.get(account.budget.payer, 0))
        owners = {account.budget.payer: account.owner for account in paid}
        before = frozenset(rule.name for rule in rules if (rule.name, owners.get(rule.budget, "")) in self._governing)
        return tuple(sorted(pace.items())), before

    def remember(self, rules: Sequence[BurnRateRule], facts: Facts, paid: Sequence[Account]) -> None:
        """Keep which governors are active now."""
        owners = {account.budget.payer: account.owner for account in paid}
        for rule in rules:
            place = (rule.name, owners.get(rule.budget, ""))
            (self._governing.add if rule.holds(facts) else self._governing.discard)(place)
