"""Runs of entries that were pruned from a chain: what is kept so that the rest of the chain can still be checked.

Pure: entries in, runs out. A run says which numbers it replaces, what its first entry was linked to and the hash of
its last one, which the entry behind it is linked to.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.domain.chain import ChainEntry


@dataclass(frozen=True, slots=True)
class Run:
    """Entries ``first`` to ``last`` of one instance's chain."""

    instance: str
    first: int
    last: int
    prev: str
    """Hash of the entry before the first one, or the instance's genesis."""
    hash: str
    """Hash of the last one."""


def run_of(entry: ChainEntry) -> Run:
    """Return the run of one entry."""
    return Run(entry.instance, entry.seq, entry.seq, entry.prev, entry.hash)


def joined(runs: Iterable[Run]) -> list[Run]:
    """Return runs by instance and number, neighbours as one if the later is linked to the earlier."""
    found: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.instance, run.first)):
        before = found[-1] if found else None
        if before and (before.instance, before.last + 1, before.hash) == (run.instance, run.first, run.prev):
            found[-1] = replace(before, last=run.last, hash=run.hash)
        else:
            found.append(run)
    return found
