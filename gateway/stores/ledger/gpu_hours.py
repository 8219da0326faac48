"""What the ledger knows of our own hardware, by target and hour: whose tokens, and what the servers counted."""

from typing import Final

from gateway.domain.records import GpuSample
from gateway.pricing.hour import HourTokens
from gateway.pricing.measured import GAP_NS, HOUR_NS, Measured, WorkedHour, measure
from gateway.stores.ledger import report_sums
from gateway.stores.ledger.rollup import WORKED
from gateway.stores.ledger.snapshot import LedgerSnapshot

_SAMPLES: Final = "SELECT * FROM {db}.gpu_samples WHERE at >= :from_ns AND at < :to_ns"


def worked(seen: LedgerSnapshot, from_ns: int, to_ns: int) -> list[WorkedHour]:
    """Return the hours of ``[from, to)`` in which something was measured or used, by target and time."""
    used = report_sums.hours(seen, from_ns, to_ns)
    counted = measured(seen, from_ns, to_ns)
    hours: dict[tuple[str, int], WorkedHour] = {}
    for (number, target, team), tokens in used.items():
        _hour(hours, target, number * HOUR_NS).teams[team] = HourTokens(*(tokens[name] for name in WORKED))
    for (target, start), what in counted.items():
        _hour(hours, target, start).measured = what
    return [hours[key] for key in sorted(hours)]


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
