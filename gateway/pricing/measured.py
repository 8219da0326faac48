"""What local servers did in an hour, made of the samples of their own counters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.domain.records import GpuSample
from gateway.pricing.hour import HourTokens

HOUR_NS: Final = 3_600_000_000_000
GAP_NS: Final = 300_000_000_000
"""Samples that are further apart say nothing about the hours between them."""
SKEW_NS: Final = 30_000_000_000
"""By so much clocks may differ: what falls by less than half in less time was not reset, no server is up so soon."""
_COUNTERS: Final = ("input_tokens", "cached_tokens", "output_tokens")


@dataclass(slots=True)
class Measured:
    """One target in one hour."""

    tokens: HourTokens = field(default_factory=HourTokens)
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


@dataclass(slots=True)
class WorkedHour:
    """A target's hour, as far as anybody knows of it."""

    target: str
    start_ns: int
    teams: dict[str, HourTokens] = field(default_factory=dict)
    """What the ledger knows of."""
    measured: Measured | None = None
    """What its servers counted; None if they were not called."""


def measure(samples: Iterable[GpuSample]) -> dict[tuple[str, int], Measured]:
    """Return what was done by target and hour (its start, Unix nanoseconds).

    If any counter is lower than before, a restart reset all of them, and they count from zero. Two gateways that sample
    one server do not count it twice; where their clocks differ, samples are in the wrong order (:data:`SKEW_NS`).
    What grew between two samples counts in the hour of the second, if they are no more than :data:`GAP_NS` apart: an
    hour comes out the same however many before it are looked at.
    """
    found: dict[tuple[str, int], Measured] = {}
    last: dict[tuple[str, str], GpuSample] = {}
    for sample in sorted(samples, key=lambda one: (one.at, one.id)):
        key = (sample.target, sample.at // HOUR_NS * HOUR_NS)
        hour = found.setdefault(key, Measured())
        server = sample.target, sample.server
        before, growth = last.get(server), None
        if before is not None:
            growth = _growth(before, sample)
        if before is None or growth is not None:
            last[server] = sample
        hour.samples += 1
        hour.busy += sample.running > 0
        hour.peak_tokens_per_second = max(hour.peak_tokens_per_second, sample.tokens_per_second)
        hour.token_usage = max(hour.token_usage, sample.token_usage)
        if before is not None and growth is not None and sample.at - before.at <= GAP_NS:
            hour.tokens = hour.tokens.plus(growth)
    return found


def _growth(before: GpuSample, after: GpuSample) -> HourTokens | None:
    """Return what was done between two samples; None if the second is of before the first."""
    was, now = ([getattr(one, name) for name in _COUNTERS] for one in (before, after))
    if all(new >= old for old, new in zip(was, now, strict=True)):
        return HourTokens(*[new - old for old, new in zip(was, now, strict=True)])
    fell_far = any(new * 2 < old for old, new in zip(was, now, strict=True))
    return HourTokens(*now) if fell_far or after.at - before.at > SKEW_NS else None
