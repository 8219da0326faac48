"""Answers whether anything of a class was sent to a vendor, from checked chains, and how complete the evidence is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.chain import SENT, ChainEntry, level_of
from gateway.domain.label import DataClass
from gateway.stores.audit import pruned
from gateway.stores.audit.chains import ChainAudit, Unknown, audit_chains
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.chain.anchors import Head
from gateway.stores.chain.files import read_files, sizes
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.rows import entry_of
from gateway.stores.ledger.snapshot import LedgerSnapshot

_SENT: Final = """
SELECT * FROM {db}.receipts WHERE outcome = :sent AND at >= :from_ns AND at < :to_ns AND decision NOT IN {elsewhere}
ORDER BY at, id
"""
_TIMES: Final = "SELECT min(at) AS at FROM {db}.receipts UNION ALL SELECT max(at) AS at FROM {db}.receipts"


@dataclass(frozen=True, slots=True)
class ProofQuery:
    """What is queried; an empty team or target is every one."""

    level: DataClass
    from_ns: int
    to_ns: int
    team: str = ""
    target: str = ""

    def covers(self, at: int, team: str, target: str) -> bool:
        """Return whether a call is among those that are queried."""
        if self.team not in {"", team} or self.target not in {"", target}:
            return False
        return self.from_ns <= at < self.to_ns


@dataclass(frozen=True, slots=True)
class Group:
    """How many calls of a class were sent, and how many bytes."""

    data_class: str
    team: str
    target: str
    calls: int
    size: int


@dataclass(frozen=True, slots=True)
class Proof:
    """The answer and its evidence."""

    groups: tuple[Group, ...]
    """Everything that was sent, of any class, the highest first."""
    left: tuple[ChainEntry, ...]
    """What was sent of the class or above."""
    pruned: int
    """Number of calls of the class or above that were sent and whose receipts were pruned."""
    chains: int
    entries: int
    problems: tuple[AuditFinding, ...]
    """Where the chains do not hold: the answer cannot be trusted."""
    unknown: tuple[Unknown, ...]
    """Calls of the class or above that may or may not have been sent."""
    unreceipted: int
    """Entries that only the egress's files hold; they are counted."""
    first: int | None = None
    """When the first call of any class was recorded, in Unix nanoseconds; None: there is none on record."""
    last: int | None = None
    """When the last one was."""

    @property
    def whole(self) -> bool:
        """Return whether the evidence is complete."""
        return not self.problems and not self.unknown


def prove(data_dir: DataDir, asked: ProofQuery, heads: Sequence[Head] = ()) -> Proof:
    """Return what was sent, from the ledger, the unshipped spool and the egress's files at one moment.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
        OSError: a file cannot be read.
    """
    before = sizes(data_dir.egress)
    with snapshot(data_dir) as seen:
        audit = audit_chains(seen, list(read_files(data_dir.egress, before)), heads)
        counts, bytes_out = pruned.sent(seen, asked.from_ns, asked.to_ns, asked.team, asked.target)
        gone = sum(calls for (level, *_), calls in counts.items() if level >= asked.level)
        times = [row["at"] for row in seen.select(_TIMES) if row["at"] is not None]
        times += [entry.at for entry in audit.unreceipted]
        left = []
        for entry in _sent(seen, audit, asked):
            group = (entry.level, entry.team, entry.target)
            counts[group] += 1
            bytes_out[group] += entry.size
            if entry.level >= asked.level:
                left.append(entry)
    groups = [Group(key[0].word, key[1], key[2], counts[key], bytes_out[key]) for key in sorted(counts, key=_order)]
    return Proof(
        groups=tuple(groups),
        left=tuple(sorted(left, key=lambda entry: (entry.at, entry.ticket))),
        pruned=gone,
        chains=audit.chains,
        entries=audit.entries,
        problems=tuple(audit.problems),
        unknown=tuple(_unknown(audit, asked)),
        unreceipted=len(audit.unreceipted),
        first=min(times, default=None),
        last=max(times, default=None),
    )


def _sent(seen: LedgerSnapshot, audit: ChainAudit, asked: ProofQuery) -> Iterator[ChainEntry]:
    """Yield each call that was sent; a row that cannot be read is among the audit's problems."""
    span = {"sent": SENT, "from_ns": asked.from_ns, "to_ns": asked.to_ns}
    for row in seen.merged(_SENT, lambda row: (row["at"], row["id"]), span):
        if asked.covers(row["at"], row["team"], row["target"]):
            try:
                yield entry_of(row)
            except ValueError:
                continue
    for entry in audit.unreceipted:
        if entry.sent and asked.covers(entry.at, entry.team, entry.target):
            yield entry


def _unknown(audit: ChainAudit, asked: ProofQuery) -> Iterator[Unknown]:
    for one in (*audit.unknown, *audit.before_receipts):
        if level_of(one.data_class) >= asked.level and asked.covers(one.at, one.team, one.target):
            yield one


def _order(key: tuple[DataClass, str, str]) -> tuple[int, str, str]:
    return -key[0], key[1], key[2]
