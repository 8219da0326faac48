"""The way from the spool into the ledger: at least once by reading again, at most once by id."""

from dataclasses import dataclass
from pathlib import Path

from gateway.domain.records import Record
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.writer import Ledger, Position
from gateway.stores.spool.reader import DAMAGED, Damage, is_sealed, read, segments


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one pass did."""

    records: list[Record]
    """Records that were new to the ledger, in the spool's order."""
    lag_bytes: int
    """What still lies in the spool, unshipped."""
    more: bool
    """The limit was reached: there may be more to ship at once, even if nothing of this pass was new."""
    damage: list[Damage]
    """Lines that could not be read or stored; their segment is kept under another name."""


class Shipper:
    """Ships the spool of one data directory. Blocks: run it in a thread, one call at a time."""

    def __init__(self, data_dir: DataDir, ledger: Ledger) -> None:
        self._directory = data_dir.spool
        self._ledger = ledger

    def ship_once(self, limit: int = 5000) -> Shipped:
        """Ship at most so many records, oldest segment first, and remove segments that are done.

        Raises:
            LedgerUnavailable: the ledger's disk is full or failed; what is not shipped stays in the spool.
        """
        records: list[Record] = []
        damage: list[Damage] = []
        positions = self._ledger.positions()
        present = segments(self._directory)
        for segment in present:
            if limit <= 0:
                break
            try:
                taken = self._ship(segment, positions.get(segment.name, Position()), limit, records, damage)
            except FileNotFoundError:
                continue
            limit -= taken
        for name in positions.keys() - {segment.name for segment in present}:
            self._ledger.forget(name)
        return Shipped(records, self.backlog_bytes(), limit <= 0, damage)

    def backlog_bytes(self) -> int:
        """Return how many bytes of the spool are not in the ledger."""
        positions = self._ledger.positions()
        return sum(
            max(0, _size(segment) - positions.get(segment.name, Position()).offset)
            for segment in segments(self._directory)
        )

    def _ship(self, segment: Path, at: Position, limit: int, records: list[Record], damage: list[Damage]) -> int:
        # Asked before reading: a segment that is sealed now is read to its true end below.
        sealed = is_sealed(segment)
        reading = read(segment, at.offset, limit)
        taken = len(reading.records) + len(reading.damage)
        damaged = at.damaged or bool(reading.damage)
        if reading.offset > at.offset:
            stored = self._ledger.store(reading.records, segment.name, reading.offset, damaged=damaged)
            records.extend(stored.new)
            damage.extend(reading.damage)
            if stored.refused:
                damaged = True
                damage.append(Damage(segment.name, at.offset))
        if sealed and taken < limit:
            _remove(segment, damaged=damaged)
        return taken


def _remove(segment: Path, *, damaged: bool) -> None:
    """Remove a segment of which all is in the ledger, durably. One with damage is put aside, to be looked at."""
    if damaged:
        segment.rename(segment.with_name(segment.name + DAMAGED))
    else:
        segment.unlink()


def _size(segment: Path) -> int:
    try:
        return segment.stat().st_size
    except FileNotFoundError:
        return 0
