"""What local servers did in an hour, made of the samples of their own counters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.domain.records import GpuSample
from gateway.pricing.hour import Tokens

HOUR_NS: Final = 3_600_000_000_000
_COUNTERS: Final = ("input_tokens", "cached_tokens", "output_tokens")


@dataclass(slots=True)
class Measured:
    """One target in one hour."""

    tokens: Tokens = field(default_factory=Tokens)
    """By how much the counters of all its servers grew."""
    samples: int = 0
    busy: int = 0
    """Samples in which a request was running."""
    peak_tokens_per_second: float = 0
    token_usage: float = 0
    """The highest share of the key-value cache in use."""

    @property
    def busy_share(self) -> float | None:
        """Share of the samples in which anything ran."""
        return self.busy / self.samples if self.samples else None

    @property
    def cache_hit_rate(self) -> float | None:
        """Share of the input that was found in the prefix cache."""
        return self.tokens.cached / self.tokens.input if self.tokens.input else None


def measure(samples: Iterable[GpuSample]) -> dict[tuple[str, int], Measured]:
    """Return what was done by target and hour (its start, Unix nanoseconds).

    If any counter is lower than before, a restart reset all of them, and they count from zero. Two gateways that sample
    one server do not count it twice. What grew between two samples counts in the hour of the second.
    """
    found: dict[tuple[str, int], Measured] = {}
    last: dict[tuple[str, str], GpuSample] = {}
    for sample in sorted(samples, key=lambda one: (one.at, one.id)):
        key = (sample.target, sample.at // HOUR_NS * HOUR_NS)
        hour = found.setdefault(key, Measured())
        before = last.get((sample.target, sample.server))
        last[sample.target, sample.server] = sample
        hour.samples += 1
        hour.busy += sample.running > 0
        hour.peak_tokens_per_second = max(hour.peak_tokens_per_second, sample.tokens_per_second)
        hour.token_usage = max(hour.token_usage, sample.token_usage)
        if before is not None:
            hour.tokens = hour.tokens.plus(_growth(before, sample))
    return found


def _growth(before: GpuSample, after: GpuSample) -> Tokens:
    grown = [getattr(after, name) - getattr(before, name) for name in _COUNTERS]
    if min(grown) < 0:
        grown = [getattr(after, name) for name in _COUNTERS]
    return Tokens(*grown)
