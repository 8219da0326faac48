"""The egress's own chain files, where they are at hand: a second record of what was sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.domain.chain import ChainEntry

SUFFIX: Final = ".chain"


@dataclass(slots=True)
class ChainFile:
    """What one file holds. A last line without its end is not there yet."""

    instance: str
    entries: list[ChainEntry] = field(default_factory=list)
    damage: list[int] = field(default_factory=list)
    """Numbers of the lines that are not entries of this instance."""
    settled: int = 0
    """How many entries were there before the ledger was looked at; what came later may still be on its way to it."""


def sizes(directory: Path) -> dict[str, int]:
    """Return the length of each file now: call it before the ledger's snapshot is taken."""
    return {path.name: path.stat().st_size for path in _files(directory)}


def read_files(directory: Path, before: dict[str, int]) -> Iterator[ChainFile]:
    """Yield each file, oldest instance first; call it after the ledger's snapshot was taken."""
    for path in _files(directory):
        yield _read(path, before.get(path.name, 0))


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob("*" + SUFFIX))


def _read(path: Path, before: int) -> ChainFile:
    found = ChainFile(path.name.removesuffix(SUFFIX))
    at = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            at += len(line)
            if not line.endswith(b"\n"):
                break
            try:
                entry = ChainEntry.read(line)
            except ValueError:
                found.damage.append(number)
                continue
            if entry.instance == found.instance:
                found.entries.append(entry)
            else:
                found.damage.append(number)
            if at <= before:
                found.settled = len(found.entries)
    return found
