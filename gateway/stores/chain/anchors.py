"""Anchors: chain heads written outside of the ledger. A chain that was cut or forged does not contain them.

One line a head, in a file or in the system's log: ``gateway-anchor v1 INSTANCE SEQ HASH AT``; what is before it on
the line (a log's time and host) does not matter.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(r"gateway-anchor v1 (\S+) (\d{1,18}) ([0-9a-f]{64}) (\d{1,20})\b")


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of an instance's chain at a time."""

    instance: str
    seq: int
    hash: str
    at: int

    def line(self) -> str:
        """Return the head as it is written."""
        return f"gateway-anchor v1 {self.instance} {self.seq} {self.hash} {self.at}"


def read_anchors(path: Path) -> list[Head]:
    """Return the heads of a file, in its order; lines that hold none are passed over.

    Raises:
        OSError: it cannot be read.
    """
    return parsed(path.read_text(encoding="utf-8", errors="replace").splitlines())


def parsed(lines: Iterable[str]) -> list[Head]:
    """Return the heads that lines hold."""
    found = [match for line in lines if (match := _LINE.search(line))]
    return [Head(match[1], int(match[2]), match[3], int(match[4])) for match in found]


def wanted(heads: Sequence[Head]) -> dict[str, dict[int, Head]]:
    """Return the heads by instance and number."""
    by: dict[str, dict[int, Head]] = {}
    for head in heads:
        by.setdefault(head.instance, {})[head.seq] = head
    return by
