"""What the ledger knows of our own hardware, by target and hour: whose tokens, and what the servers counted."""

from dataclasses import dataclass, field
from typing import Final

from gateway.domain.records import GpuSample
from gateway.pricing.hour import Tokens
from gateway.pricing.measured import GAP_NS, HOUR_NS, Measured, measure
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger import report_sums
from gateway.stores.ledger.drawn import newest
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.rollup import WORKED
from gateway.stores.ledger.snapshot import LedgerSnapshot

_SAMPLES: Final = "SELECT * FROM {db}.gpu_samples WHERE at >= :from_ns AND at < :to_ns"


@dataclass(slots=True)
class WorkedHour:
    """A target's hour, as far as anybody knows of it."""

    target: str
    start_ns: int
    teams: dict[str, Tokens] = field(default_factory=dict)
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """A span of hours, and the newest policy that was in force: it says what they cost."""

    hours: tuple[WorkedHour, ...]
    """In which something was measured or used, by target and time."""
    policy: bytes | None


def worked(data_dir: DataDir, from_ns: int, to_ns: int) -> Worked:
    """Return what local targets did in the hours of ``[from, to)``.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with snapshot(data_dir) as seen:
        used = report_sums.hours(seen, from_ns, to_ns)
        counted = measured(seen, from_ns, to_ns)
        policy = newest(seen)
    hours: dict[tuple[str, int], WorkedHour] = {}
    for (number, target, team), tokens in used.items():
        _hour(hours, target, number * HOUR_NS).teams[team] = Tokens(*(tokens[name] for name in WORKED))
    for (target, start), what in counted.items():
        _hour(hours, target, start).measured = what
    return Worked(tuple([hours[key] for key in sorted(hours)]), policy)


def measured(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> dict[tuple[str, int], Measured]:
    """Return what servers counted in ``[from, to)``, by target and the hour's start."""
    found = measure(_samples(seen, from_ns, to_ns))
    return {(target, start): what for (target, start), what in found.items() if start >= from_ns}


def _hour(hours: dict[tuple[str, int], WorkedHour], target: str, start: int) -> WorkedHour:
    return hours.setdefault((target, start), WorkedHour(target, start))


def _samples(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> list[GpuSample]:
    """Return samples once each: one that is being shipped is in both databases."""
    found = seen.select(_SAMPLES, {"from_ns": from_ns - GAP_NS, "to_ns": to_ns})
    return list({row["id"]: GpuSample(**{name: row[name] for name in GpuSample.__slots__}) for row in found}.values())
