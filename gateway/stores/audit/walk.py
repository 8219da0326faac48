"""Walks one chain link by link and tells where it does not hold. Pure: entries in, breaks out."""

from dataclasses import dataclass, field
from typing import Final

from gateway.domain.chain import Entry, genesis
from gateway.stores.audit.finding import Finding

_LOST: Final = "lost"
"""Stands for a hash that nobody knows: what follows cannot be held against it."""


@dataclass(slots=True)
class Walk:
    """The chain of one instance. Feed entries in the order of their numbers."""

    instance: str
    where: str = ""
    """Stands before the name of each finding: which witness."""
    problems: list[Finding] = field(default_factory=list)
    gaps: list[range] = field(default_factory=list)
    """Numbers that are missing before the last one that was seen."""
    length: int = 0
    _head: str = ""

    def step(self, entry: Entry, name: str = "") -> None:
        """Look at the next entry; ``name`` is how a finding calls it."""
        name = name or f"{self.instance}:{entry.seq}"
        expected = self.length + 1
        if not entry.whole:
            self._tell("changed", name, f"entry {entry.seq} of {self.instance} is not what its hash was made of")
        if entry.seq < expected:
            self._tell("inserted", name, f"{self.instance} has a second entry {entry.seq}")
            return
        if entry.seq > expected:
            self.gaps.append(range(expected, entry.seq))
        elif self._head != _LOST and entry.prev != (self._head or genesis(self.instance)):
            self._tell("broken link", name, f"entry {entry.seq} of {self.instance} does not follow the one before it")
        self.length, self._head = entry.seq, entry.hash

    def lost(self, seq: int, name: str) -> None:
        """Pass over an entry that cannot be read any more."""
        self._tell("changed", name, f"entry {seq} of {self.instance} is not a valid entry any more")
        self.length, self._head = max(self.length, seq), _LOST

    def _tell(self, kind: str, name: str, text: str) -> None:
        self.problems.append(Finding(kind, self.where + name, text))
