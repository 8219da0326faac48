"""What the ledger keeps of pruned requests, as checks and proofs need it."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.domain.chain import SENT, level_of
from gateway.domain.label import DataClass
from gateway.domain.money import usd_text
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.chain.anchors import Head
from gateway.stores.chain.runs import Run
from gateway.stores.ledger.rollup import DAY_NS
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.sql.database import Row

PRUNED: Final = "pruned"
_RUNS: Final = "SELECT instance, first, last, prev, hash FROM {db}.pruned_runs ORDER BY instance, first"
_PRUNES: Final = "SELECT * FROM {db}.prunes ORDER BY at, id"
_SENDS: Final = """
SELECT day, team, target, data_class, calls, size FROM {db}.pruned_sends
WHERE outcome = :sent AND day >= :first AND day < :last
"""


def runs_of(seen: LedgerSnapshot) -> dict[str, list[Run]]:
    """Return the pruned runs of each chain, by instance, in order."""
    found: dict[str, list[Run]] = defaultdict(list)
    for row in seen.select(_RUNS):
        found[row["instance"]].append(Run(**row))
    return found


def with_pruned(
    chains: Iterable[tuple[str, Iterator[Row]]], runs: Mapping[str, Sequence[Run]]
) -> Iterator[tuple[str, Iterable[Row]]]:
    """Yield chains in order, those too of which every entry was pruned."""
    whole = deque(sorted(runs))
    for instance, rows in chains:
        while whole and whole[0] <= instance:
            if (gone := whole.popleft()) != instance:
                yield gone, ()
        yield instance, rows
    yield from ((gone, ()) for gone in whole)


def within(runs: Sequence[Run], seq: int) -> bool:
    """Return whether an entry is among those that were pruned."""
    return any(run.first <= seq <= run.last for run in runs)


def hold_runs(
    runs: Mapping[str, Sequence[Run]], hashes: Mapping[int, str], instance: str, name: str
) -> list[AuditFinding]:
    """Compare the ends of pruned runs with what a file of the same chain says; ``hashes`` by number."""
    found = []
    for run in runs.get(instance, ()):
        if run.last not in hashes:
            found.append(AuditFinding("file", f"{name}:{run.last}", "the ledger had an entry that the file lacks"))
        elif hashes[run.last] != run.hash:
            text = "the entries that were pruned end with another hash than the file's"
            found.append(AuditFinding("file", f"{name}:{run.last}", text))
    return found


def hold_anchors(
    runs: Mapping[str, Sequence[Run]], anchors: Mapping[str, MutableMapping[int, Head]]
) -> list[AuditFinding]:
    """Compare the ends of pruned runs with anchored heads, and take the heads away that lie inside of a run.

    A head inside cannot be compared any more: only a file of the chain can still hold it.
    """
    found = []
    for instance, heads in anchors.items():
        for run in runs.get(instance, ()):
            head = heads.get(run.last)
            if head is not None and head.hash != run.hash:
                text = "the pruned entries end with another hash than the anchored one"
                found.append(AuditFinding("anchor", f"{instance}:{run.last}", text))
            for seq in [each for each in heads if run.first <= each <= run.last]:
                del heads[seq]
    return found


def notes(seen: LedgerSnapshot) -> list[AuditFinding]:
    """Return one note a prune: what was removed, when and by whom."""
    return [
        AuditFinding(
            PRUNED,
            f"before {_day(row['before'])}",
            f"{row['requests']:,} requests with {row['attempts']:,} attempts, {row['receipts']:,} receipts and"
            f" ${usd_text(row['cost'])} were pruned on {_day(row['at'])} by {row['actor']}; their sums are kept",
        )
        for row in seen.select(_PRUNES)
    ]


def sent(
    seen: LedgerSnapshot, from_ns: int, to_ns: int, team: str, target: str
) -> tuple[Counter[tuple[DataClass, str, str]], Counter[tuple[DataClass, str, str]]]:
    """Return how many pruned calls were sent, and how many bytes, by class, team and target.

    By whole days: of a day that the span only touches, all its pruned calls count. Empty: every team, every target.
    """
    calls: Counter[tuple[DataClass, str, str]] = Counter()
    sizes: Counter[tuple[DataClass, str, str]] = Counter()
    span = {"sent": SENT, "first": from_ns // DAY_NS, "last": -(-to_ns // DAY_NS)}
    for row in seen.select(_SENDS, span):
        if team in {"", row["team"]} and target in {"", row["target"]}:
            group = (level_of(row["data_class"]), row["team"], row["target"])
            calls[group] += row["calls"]
            sizes[group] += row["size"]
    return calls, sizes


def _day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).date().isoformat()
