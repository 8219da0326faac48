"""What is known of each endpoint right now: health by probe and by call, load as it reports it, recent latency."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.domain.target import Target
from gateway.failover.breaker import Breaker, Paused, Verdict
from gateway.failover.endpoints import EndpointState, order

_SMOOTHING: Final = 0.2
"""Weight of the newest time to first token in the moving average."""


@dataclass(slots=True)
class TargetHealth:
    """One endpoint of one target."""

    up: bool = True
    load: int | None = None
    in_flight: int = 0
    breaker: Breaker = field(default_factory=Breaker)
    saturated_until: float = 0.0
    reported: Paused | None = None
    """What another worker says of it."""
    reported_until: float = 0.0

    def usable(self, now: float) -> bool:
        """Return whether a call may be made, as far as any worker knows."""
        return self.up and self.breaker.allows(now) and now >= self.reported_until

    def saturated(self, now: float) -> bool:
        """Return whether it is up and has too much to do."""
        reported = self.reported is not None and self.reported.saturated and now < self.reported_until
        return self.up and (now < self.saturated_until or reported)


class Board:
    """The load board of one edge. Endpoints count as up until a probe or a call fails."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        credentials: Callable[[], frozenset[str] | None],
        ledger_full: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take the clock and what rules closed targets out.

        Args:
            monotonic: seconds that never go back.
            credentials: what the egress has keys for; None: not known yet, nothing is ruled out.
            ledger_full: whether the spool or its disk is full, so that no new paid call may be made.
        """
        self._now = monotonic
        self._credentials = credentials
        self._ledger_full = ledger_full
        self._health: dict[tuple[str, str], TargetHealth] = defaultdict(TargetHealth)
        self._latency: dict[str, float] = {}

    def endpoints(self, target: Target, affinity: str) -> tuple[str, ...]:
        """Return the endpoints to try, best first; empty if the target cannot be called now."""
        if self._ruled_out(target):
            return ()
        now, places = self._now(), target.places
        if len(places) == 1:
            return places if self._health[target.id, places[0]].usable(now) else ()
        states = []
        for url in places:
            health = self._health[target.id, url]
            states.append(EndpointState(url, health.usable(now), health.load, health.in_flight))
        return order(states, affinity)

    def why_unavailable(self, target: Target) -> str:
        """Say in a word why no endpoint can be called; ``up`` if one can."""
        ruled_out = self._ruled_out(target)
        if ruled_out:
            return ruled_out
        now = self._now()
        known = [self._health[target.id, url] for url in target.places]
        if any(health.usable(now) for health in known):
            return "up"
        return "saturated" if any(health.saturated(now) for health in known) else "down"

    def started(self, target: Target, endpoint: str) -> None:
        """Count a request that is now on an endpoint."""
        self._health[target.id, endpoint].in_flight += 1

    def ended(
        self,
        target: Target,
        endpoint: str,
        verdict: Verdict,
        *,
        retry_after: float | None = None,
        ttft: float | None = None,
    ) -> None:
        """End a request at an endpoint and record its outcome. Times are seconds."""
        health = self._health[target.id, endpoint]
        health.in_flight -= 1
        now = self._now()
        if verdict is Verdict.FAILED:
            health.breaker = health.breaker.failed(now, retry_after=retry_after)
            if retry_after is not None:
                health.saturated_until = health.breaker.open_until
        elif verdict is Verdict.HEALTHY:
            health.breaker = health.breaker.succeeded()
        if ttft is not None:
            before = self._latency.get(target.id, ttft)
            self._latency[target.id] = before + _SMOOTHING * (ttft - before)

    def probed(self, target: str, endpoint: str, *, up: bool, load: int | None) -> None:
        """Note what a probe saw. A server that answers its probe again is trusted again at once."""
        health = self._health[target, endpoint]
        if up and not health.up:
            health.breaker = Breaker()
        health.up = up
        health.load = load

    def paused(self) -> tuple[Paused, ...]:
        """Return the endpoints that this worker's own breakers keep calls away from."""
        now = self._now()
        return tuple(
            Paused(target, endpoint, health.breaker.open_until - now, saturated=now < health.saturated_until)
            for (target, endpoint), health in self._health.items()
            if not health.breaker.allows(now)
        )

    def heed(self, others: Sequence[Paused]) -> None:
        """Keep away from what other workers keep away from, in place of what they said before."""
        now = self._now()
        for health in self._health.values():
            health.reported, health.reported_until = None, 0.0
        for one in others:
            health = self._health[one.target, one.endpoint]
            if now + one.seconds > health.reported_until:
                health.reported, health.reported_until = one, now + one.seconds

    def retain(self, targets: Mapping[str, Target]) -> None:
        """Forget endpoints and latencies of targets that are gone; those with calls under way once these have ended."""
        places = {(target.id, url) for target in targets.values() for url in target.places}
        for key in [key for key, health in self._health.items() if key not in places and not health.in_flight]:
            del self._health[key]
        for target in self._latency.keys() - targets.keys():
            del self._latency[target]

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the recent time to first token of those targets that have one, sorted by id."""
        return tuple(
            (target, round(self._latency[target] * 1000)) for target in sorted(targets) if target in self._latency
        )

    def status(self, targets: Mapping[str, Target]) -> dict[str, dict[str, object]]:
        """Return what the admin plane shows of each target: states and numbers, no address."""
        return {
            target.id: {
                "available": self.why_unavailable(target) == "up",
                "state": self.why_unavailable(target),
                "endpoints_up": sum(self._health[target.id, url].up for url in target.places),
                "endpoints": len(target.places),
                "in_flight": sum(self._health[target.id, url].in_flight for url in target.places),
                "load": [self._health[target.id, url].load for url in target.places],
            }
            for target in targets.values()
        }

    def _ruled_out(self, target: Target) -> str:
        """Say why a closed target may not be called whatever its health; empty if it may."""
        if target.zone != "closed":
            return ""
        if self._ledger_full():
            return "ledger_full"
        known = self._credentials()
        return "no_credentials" if known is not None and target.id not in known else ""
