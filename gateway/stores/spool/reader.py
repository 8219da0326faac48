"""How the spool is read: by anyone, at any time, beside a writer that may be killed at any byte."""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from gateway.domain.records import Record, decode
from gateway.stores.spool.lines import SUFFIX, parse_line

DAMAGED: Final = ".damaged"
"""Ends the name of a shipped segment that is kept because lines of it could not be read."""
_BLOCK: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Damage:
    """A complete line that is not what was written."""

    file: str
    offset: int


class Reading(NamedTuple):
    """What was read of a segment: records in order, where to go on, and what could not be read."""

    records: list[Record]
    offset: int
    damage: list[Damage]


def segments(directory: Path) -> list[Path]:
    """Return the segments, oldest first: ids of instances sort by time, and an instance counts its segments."""
    return sorted(directory.glob("*" + SUFFIX), key=_age)


def instance_of(segment: Path) -> str:
    """Return the instance that wrote a segment."""
    return segment.name.removesuffix(SUFFIX).rpartition("-")[0]


def is_sealed(segment: Path) -> bool:
    """Return whether nothing will be appended any more: its writer closed it, or is gone.

    Raises:
        FileNotFoundError: it was shipped and removed.
    """
    descriptor = os.open(segment, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Shared, so that readers never block each other.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def live_instances(directory: Path) -> set[str]:
    """Return the instances that are still writing."""
    live = set()
    for segment in segments(directory):
        try:
            if not is_sealed(segment):
                live.add(instance_of(segment))
        except FileNotFoundError:
            continue
    return live


def read(segment: Path, offset: int, limit: int | None = None) -> Reading:
    """Read complete, undamaged lines from an offset on.

    An incomplete last line is left for the next read: the offset stays before it. A complete line with a wrong checksum
    is reported and skipped.

    Args:
        segment: the file.
        offset: where an earlier reading stopped; 0 for the start.
        limit: how many lines to take at most; None for all.

    Raises:
        FileNotFoundError: the segment was shipped and removed.
    """
    records: list[Record] = []
    damage: list[Damage] = []
    for start, line in _lines(segment, offset):
        if limit is not None and len(records) + len(damage) >= limit:
            break
        record = _record(line)
        if record is None:
            damage.append(Damage(segment.name, start))
        else:
            records.append(record)
        offset = start + len(line) + 1
    return Reading(records, offset, damage)


def _lines(segment: Path, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of each complete line, block by block: a segment need not fit into memory."""
    with segment.open("rb") as file:
        file.seek(offset)
        rest = b""
        while block := file.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                yield offset, line
                offset += len(line) + 1


def _record(line: bytes) -> Record | None:
    payload = parse_line(line)
    if payload is None:
        return None
    try:
        return decode(payload)
    except (ValueError, TypeError):
        # Whole, but of no kind that we know: as unreadable to us as a damaged one.
        return None


def _age(segment: Path) -> tuple[str, int, str]:
    instance, _, number = segment.name.removesuffix(SUFFIX).rpartition("-")
    return instance, int(number) if number.isdigit() else 0, segment.name
