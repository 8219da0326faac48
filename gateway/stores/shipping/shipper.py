"""The way from the spool into the ledger: at least once by reading again, at most once by id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.records import Record
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.writer import Ledger, Portion, Position, Stored, holds
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
        """Ship at most so many records in one transaction, oldest segment first, and remove segments that are done.

        Raises:
            LedgerUnavailable: the ledger's disk is full or failed; what is not shipped stays in the spool.
        """
        positions = self._ledger.positions()
        present = segments(self._directory)
        taken = list(_taken(present, positions, limit))
        portions = [one.portion for one in taken if one.moved]
        stored = self._ledger.store_all(portions) if portions else Stored([], [], {})
        damage = [place for one in taken for place in one.damage]
        for one in taken:
            refused = holds(one.portion, stored.refused)
            if refused:
                damage.append(Damage(one.path.name, one.start))
            positions[one.path.name] = Position(one.portion.offset)
            if one.done:
                _remove(one.path, damaged=one.portion.damaged or refused)
        for name in positions.keys() - {segment.name for segment in present}:
            self._ledger.forget(name)
        more = sum(one.lines for one in taken) >= limit
        return Shipped(stored.new, _backlog(segments(self._directory), positions), more, damage)

    def backlog_bytes(self) -> int:
        """Return how many bytes of the spool are not in the ledger."""
        return _backlog(segments(self._directory), self._ledger.positions())


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was read of a segment in one pass."""

    path: Path
    start: int
    """Offset of the first line."""
    portion: Portion
    damage: list[Damage]
    done: bool
    """All of it is read, and nothing will be appended."""

    @property
    def moved(self) -> bool:
        return self.portion.offset > self.start

    @property
    def lines(self) -> int:
        return len(self.portion.records) + len(self.damage)


def _taken(present: Sequence[Path], positions: Mapping[str, Position], limit: int) -> Iterator[_Taken]:
    """Yield what is read of each segment until the limit is reached."""
    for segment in present:
        if limit <= 0:
            return
        at = positions.get(segment.name, Position())
        try:
            # Asked before reading: a segment that is sealed now is read to its true end below.
            sealed = is_sealed(segment)
            reading = read(segment, at.offset, limit)
        except FileNotFoundError:
            continue
        damaged = at.damaged or bool(reading.damage)
        portion = Portion(reading.records, segment.name, reading.offset, damaged)
        lines = len(reading.records) + len(reading.damage)
        yield _Taken(segment, at.offset, portion, reading.damage, done=sealed and lines < limit)
        limit -= lines


def _backlog(present: Sequence[Path], positions: Mapping[str, Position]) -> int:
    return sum(max(0, _size(segment) - positions.get(segment.name, Position()).offset) for segment in present)


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
