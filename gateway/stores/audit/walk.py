"""Walks one chain link by link and reports where it does not hold. Pure: entries in, breaks out."""

from dataclasses import dataclass, field
from typing import Final

from gateway.domain.chain import ChainEntry, genesis
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.chain.runs import Run, run_of

_LOST: Final = "lost"
"""Stands for an unknown hash: what follows cannot be compared with it."""


@dataclass(slots=True)
class Walk:
    """The chain of one instance. Feed entries in the order of their numbers."""

    instance: str
    where: str = ""
    """Stands before the name of each finding: which witness."""
    problems: list[AuditFinding] = field(default_factory=list)
    gaps: list[range] = field(default_factory=list)
    """Numbers that are missing before the last one that was seen."""
    length: int = 0
    _head: str = ""

    def step(self, entry: ChainEntry, name: str = "") -> None:
        """Look at the next entry; ``name`` is how a finding calls it."""
        name = name or f"{self.instance}:{entry.seq}"
        if not entry.whole:
            self._tell("changed", name, f"entry {entry.seq} of {self.instance} does not match its hash")
        if entry.seq <= self.length:
            self._tell("inserted", name, f"{self.instance} has a second entry {entry.seq}")
            return
        self._follow(run_of(entry), name)

    def skip(self, run: Run) -> None:
        """Go on behind entries that were pruned."""
        name = f"{self.instance}:{run.first}"
        if run.first <= self.length:
            self._tell("inserted", name, f"{self.instance} has entry {run.first} although it was pruned")
            return
        self._follow(run, name)

    def _follow(self, run: Run, name: str) -> None:
        if run.first > self.length + 1:
            self.gaps.append(range(self.length + 1, run.first))
        elif self._head != _LOST and run.prev != (self._head or genesis(self.instance)):
            self._tell("broken link", name, f"entry {run.first} of {self.instance} does not follow the one before it")
        self.length, self._head = run.last, run.hash

    def lost(self, seq: int, name: str) -> None:
        """Pass over an entry that cannot be read any more."""
        self._tell("changed", name, f"entry {seq} of {self.instance} is no longer a valid entry")
        self.length, self._head = max(self.length, seq), _LOST

    def _tell(self, kind: str, name: str, text: str) -> None:
        self.problems.append(AuditFinding(kind, self.where + name, text))
