"""How long the real thing takes; scaled down to nothing in tests."""

from dataclasses import dataclass

from gateway.sandbox.settings import Vendor


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds at latency 1."""

    base: float
    per_uncached_token: float
    per_token: float
    health: float = 0.0

    def first_token(self, uncached: int) -> float:
        """Return how long the prompt takes; cached tokens cost nothing."""
        return self.base + uncached * self.per_uncached_token


PACES = {
    Vendor.SGLANG: Pace(0.03, 0.000_15, 0.012, health=1.0),
    Vendor.OPENAI: Pace(0.35, 0.000_05, 0.015),
    Vendor.ANTHROPIC: Pace(0.5, 0.000_05, 0.018),
}
