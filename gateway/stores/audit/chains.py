"""Checks that the record of what was sent is complete: every chain, every ticket, and the egress's own files."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import orjson

from gateway.domain.chain import ChainEntry, level_of
from gateway.domain.records import NO_ANSWER, NO_RECEIPT, UNKNOWN
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.audit.pruned import hold_anchors, hold_runs, runs_of, with_pruned, within
from gateway.stores.audit.walk import Walk
from gateway.stores.chain.anchors import Head, wanted
from gateway.stores.chain.files import ChainFile
from gateway.stores.chain.runs import Run
from gateway.stores.ledger.rows import entry_of
from gateway.stores.ledger.snapshot import LedgerSnapshot

_CHAINED: Final = """
SELECT * FROM {db}.receipts WHERE (hash <> '' OR seq <> 0) AND decision NOT IN {elsewhere} ORDER BY instance, seq, id
"""
_UNCHAINED: Final = """
SELECT r.*, EXISTS (SELECT 1 FROM {db}.receipts o WHERE o.id = r.ticket AND o.id <> r.id) AS answered_late,
  s.outcome AS settled
FROM {db}.receipts r LEFT JOIN {db}.settlements s ON s.attempt = r.attempt
WHERE r.hash = '' AND r.seq = 0 AND r.decision NOT IN {elsewhere}
"""
_DISAGREEING: Final = """
SELECT r.id, r.target, r.data_class, d.data_class AS decided, e.outcome AS decision_json,
  a.id IS NULL AS stray, a.target <> r.target OR a.team <> r.team OR a.zone <> 'closed' AS other
FROM {db}.receipts r
LEFT JOIN {db}.attempts a ON a.id = r.attempt AND a.decision = r.decision
LEFT JOIN {db}.decisions d ON d.id = r.decision
LEFT JOIN {db}.explanations e ON e.decision = r.decision
WHERE r.decision NOT IN {elsewhere}
AND (a.id IS NULL OR a.target <> r.target OR a.team <> r.team OR a.zone <> 'closed' OR d.data_class <> r.data_class)
"""
_WITHOUT: Final = """
SELECT a.id, a.at, a.team, a.target, a.attempt_kind, s.outcome, coalesce(d.data_class, '') AS data_class
FROM {db}.attempts a
LEFT JOIN {db}.settlements s ON s.attempt = a.id
LEFT JOIN {db}.decisions d ON d.id = a.decision
WHERE a.zone = 'closed' AND a.decision NOT IN {elsewhere}
AND NOT EXISTS (SELECT 1 FROM {db}.receipts r WHERE r.attempt = a.id)
"""
_ATTEMPTS: Final = """
SELECT a.id, s.outcome FROM {db}.attempts a
LEFT JOIN {db}.settlements s ON s.attempt = a.id WHERE a.id IN {ids} AND a.decision NOT IN {elsewhere}
"""
_OPEN: Final = frozenset({None, "orphaned"})
"""How an attempt ended whose edge is at work still, or was killed."""
_LOST: Final = "its egress ended before its answer came"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A call that may or may not have been sent: it has no receipt and no chain entry."""

    attempt: str
    at: int
    team: str
    target: str
    data_class: str
    why: str


@dataclass(slots=True)
class ChainAudit:
    """What was found."""

    chains: int = 0
    entries: int = 0
    """Entries that the ledger holds."""
    problems: list[AuditFinding] = field(default_factory=list)
    notes: list[AuditFinding] = field(default_factory=list)
    unreceipted: list[ChainEntry] = field(default_factory=list)
    """Entries that only a chain file holds."""
    unknown: list[Unknown] = field(default_factory=list)
    before_receipts: list[Unknown] = field(default_factory=list)
    """Calls of a gateway that had no receipts yet."""


def audit_chains(seen: LedgerSnapshot, files: Sequence[ChainFile], heads: Sequence[Head] = ()) -> ChainAudit:
    """Check all evidence of what was sent."""
    found = ChainAudit()
    kept: dict[str, dict[int, str]] = {one.instance: {} for one in files}
    anchors, runs = wanted(heads), runs_of(seen)
    gaps = _walk_ledger(seen, found, kept, anchors, runs)
    silent = _unchained(seen, found)
    with_entry = {entry.attempt for file in files for entry in file.entries}
    killed = _without_receipt(seen, found, with_entry)
    for file in files:
        _compare(seen, found, file, kept[file.instance], silent, anchors, runs)
    found.problems += hold_anchors(runs, anchors)
    _judge_gaps(found, gaps, Counter(one.instance for one in silent.values()), killed)
    for instance, by_seq in anchors.items():
        for head in by_seq.values():
            text = f"the chain had {head.seq} entries when it was anchored; this one is gone"
            found.problems.append(AuditFinding("anchor", f"{instance}:{head.seq}", text))
    for one in silent.values():
        if one.instance not in kept:  # an intact file lists every ticket that its instance got
            found.unknown.append(Unknown(one.attempt, one.at, one.team, one.target, one.data_class, NO_ANSWER))
    for file in files:
        pruned = runs.get(file.instance, ())
        found.unreceipted += [
            entry for entry in file.entries if entry.seq not in kept[file.instance] and not within(pruned, entry.seq)
        ]
    _agree(seen, found)
    return found


def _walk_ledger(
    seen: LedgerSnapshot,
    found: ChainAudit,
    kept: dict[str, dict[int, str]],
    anchors: dict[str, dict[int, Head]],
    runs: dict[str, list[Run]],
) -> dict[str, list[range]]:
    """Walk every chain in the ledger; return the numbers that each lacks."""
    gaps: dict[str, list[range]] = {}
    rows = seen.merged(_CHAINED, lambda row: (row["instance"], row["seq"], row["id"]))
    for instance, of_instance in with_pruned(groupby(rows, lambda row: str(row["instance"])), runs):
        walk, hashes, heads = Walk(instance), kept.get(instance), anchors.get(instance, {})
        pruned = deque(runs.get(instance, ()))
        for row in of_instance:
            while pruned and pruned[0].first < row["seq"]:
                walk.skip(pruned.popleft())
            found.entries += 1
            try:
                walk.step(entry_of(row), row["id"])
            except ValueError:
                walk.lost(row["seq"], row["id"])
            if hashes is not None:
                hashes[row["seq"]] = row["hash"]
            _hold_against(heads, row["seq"], row["hash"], found, instance)
        for run in pruned:
            walk.skip(run)
        found.chains += 1
        found.problems += walk.problems
        # Numbers that the egress's own file holds are judged there, entry by entry.
        gaps[instance] = [] if hashes is not None else walk.gaps
    return gaps


def _hold_against(heads: dict[int, Head], seq: int, its_hash: str, found: ChainAudit, instance: str) -> None:
    head = heads.pop(seq, None)
    if head is not None and head.hash != its_hash:
        found.problems.append(AuditFinding("anchor", f"{instance}:{seq}", "the chain is another than the anchored one"))


def _unchained(seen: LedgerSnapshot, found: ChainAudit) -> dict[str, ChainEntry]:
    """Report tickets without an entry; return, by ticket, those that were never answered."""
    silent: dict[str, ChainEntry] = {}
    for row in seen.select(_UNCHAINED):
        if row["outcome"] == NO_ANSWER:
            if not row["answered_late"]:
                silent[row["ticket"]] = entry_of(row)
                lost = f"was charged as unknown: {_LOST}" if row["settled"] == UNKNOWN else ""
                text = f"attempt {row['attempt']} {lost or 'was given up before its receipt came'}"
                found.notes.append(AuditFinding("unanswered", row["ticket"], text))
        elif row["outcome"] == NO_RECEIPT:
            text = f"the egress answered attempt {row['attempt']} without a receipt"
            found.problems.append(AuditFinding("no receipt", row["ticket"], text))
        elif row["outcome"] == "sent":
            found.problems.append(AuditFinding("changed", row["id"], "a call that left has no place in a chain"))
    return silent


def _without_receipt(seen: LedgerSnapshot, found: ChainAudit, with_entry: set[str]) -> int:
    """Report attempts without any receipt; return how many of them are explained by a killed edge."""
    killed = 0
    for row in seen.select(_WITHOUT):
        why = row["outcome"] or "open"
        unknown = Unknown(row["id"], row["at"], row["team"], row["target"], row["data_class"], why)
        if not row["attempt_kind"]:
            found.before_receipts.append(unknown)
        elif row["outcome"] in _OPEN:
            killed += 1
            if row["id"] in with_entry:
                continue
            found.unknown.append(unknown)
            if row["outcome"] is not None:  # an open one is reported as open
                text = "its gateway was killed before its receipt came; whether it left is not known here"
                found.notes.append(AuditFinding("unreceipted", row["id"], text))
        else:
            found.unknown.append(unknown)
            found.problems.append(AuditFinding("no receipt", row["id"], "an attempt that ended has no receipt"))
    if found.before_receipts:
        text = "were made by a gateway that kept no receipts yet"
        found.notes.append(AuditFinding("before receipts", f"{len(found.before_receipts)} attempts", text))
    return killed


def _compare(
    seen: LedgerSnapshot,
    found: ChainAudit,
    file: ChainFile,
    kept: dict[int, str],
    silent: dict[str, ChainEntry],
    anchors: dict[str, dict[int, Head]],
    runs: dict[str, list[Run]],
) -> None:
    """Hold a file against what the ledger has of its instance."""
    walk = Walk(file.instance, where="file ")
    theirs: dict[int, str] = {}
    for entry in file.entries:
        walk.step(entry)
        theirs[entry.seq] = entry.hash
        _hold_against(anchors.get(file.instance, {}), entry.seq, entry.hash, found, file.instance)
    found.problems += walk.problems
    name = f"file {file.instance}"
    found.problems += [
        AuditFinding("damage", f"{name}:{line}", "a line is not an entry of this chain") for line in file.damage
    ]
    found.problems += [_gap(name, gap) for gap in walk.gaps]
    for seq, its_hash in kept.items():
        if seq not in theirs:
            found.problems.append(AuditFinding("file", f"{name}:{seq}", "the ledger has an entry that the file lacks"))
        elif theirs[seq] != its_hash:
            found.problems.append(AuditFinding("file", f"{name}:{seq}", "ledger and file have different entries"))
    found.problems += hold_runs(runs, theirs, file.instance, name)
    pruned = runs.get(file.instance, ())
    missing = [
        entry for entry in file.entries[: file.settled] if entry.seq not in kept and not within(pruned, entry.seq)
    ]
    outcomes = dict(_outcomes(seen, {entry.attempt for entry in missing}))
    for entry in missing:
        kind, text = _missing(entry, outcomes, silent)
        finding = AuditFinding(
            kind, entry.ticket, f"entry {entry.seq} of {file.instance}, attempt {entry.attempt}: {text}"
        )
        (found.notes if kind == "unreceipted" else found.problems).append(finding)


def _missing(entry: ChainEntry, outcomes: dict[str, Any], silent: dict[str, ChainEntry]) -> tuple[str, str]:
    """Say why the ledger lacks an entry that the egress wrote."""
    if entry.outcome == "refused:replayed":
        return "replayed", "a used ticket was shown again; nothing left by it"
    if entry.ticket in silent:
        why = _LOST if outcomes.get(entry.attempt) == UNKNOWN else "its caller hung up before the receipt came"
        return "unreceipted", f"{entry.outcome}; {why}"
    if entry.attempt not in outcomes:
        return "stray receipt", f"{entry.outcome}, but the ledger knows no such attempt"
    if outcomes[entry.attempt] in _OPEN:
        return "unreceipted", f"{entry.outcome}; its gateway had not booked the receipt"
    return "missing receipt", f"{entry.outcome}, and the ledger does not have it"


def _outcomes(seen: LedgerSnapshot, attempts: set[str]) -> Iterator[tuple[str, str | None]]:
    for row in seen.select(_ATTEMPTS, {"ids": orjson.dumps(sorted(attempts)).decode()}):
        yield row["id"], row["outcome"]


def _judge_gaps(found: ChainAudit, gaps: dict[str, list[range]], silent: Counter[str], killed: int) -> None:
    """Report missing numbers. Abandoned calls, and calls whose edge was killed, explain as many as there were."""
    for instance, missing in gaps.items():
        for gap in missing:
            explained = min(len(gap), silent[instance] + killed)
            if explained < len(gap):
                found.problems.append(_gap(instance, gap))
            else:
                text = f"{len(gap)} of calls whose receipt did not come"
                found.notes.append(AuditFinding("unreceipted", f"{instance}:{gap[0]}", text))
            by_silent = min(explained, silent[instance])
            silent[instance] -= by_silent
            killed -= explained - by_silent


def _gap(name: str, gap: Sequence[int]) -> AuditFinding:
    numbers = f"entry {gap[0]}" if len(gap) == 1 else f"entries {gap[0]} to {gap[-1]}"
    return AuditFinding("gap", f"{name}:{gap[0]}", f"{numbers} of the chain missing")


def _agree(seen: LedgerSnapshot, found: ChainAudit) -> None:
    """Hold receipts against the attempts and decisions that they belong to."""
    for row in seen.select(_DISAGREEING):
        if row["stray"]:
            found.problems.append(AuditFinding("stray receipt", row["id"], "a receipt without its attempt"))
        elif row["other"]:
            found.problems.append(AuditFinding("disagreement", row["id"], "a receipt for another target or team"))
        elif _is_lower(row):
            text = f"sent as {row['data_class']}, decided as {row['decided']}"
            found.problems.append(AuditFinding("disagreement", row["id"], text))


def _is_lower(row: Any) -> bool:
    """Return whether a ticket's class is below its decision's without the request having been masked."""
    if row["decided"] is None or level_of(row["data_class"]) >= level_of(row["decided"]):
        return False
    return row["target"] not in _masked(row["decision_json"])


def _masked(decision: str | None) -> Iterable[str]:
    """Return the targets that were to see the request masked, and so as less than it is."""
    masked: list[str] = orjson.loads(decision).get("masked", []) if decision else []
    return masked
