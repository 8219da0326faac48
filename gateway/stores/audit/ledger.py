"""Whether the ledger keeps what it promises: each attempt settled once, sums and corrections right, all readable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.stores.audit import pruned
from gateway.stores.audit.adjustments import audit_adjustments
from gateway.stores.audit.chains import audit_chains
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.chain.anchors import Head
from gateway.stores.chain.files import read_files, sizes
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.schema import newest
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.spool.reader import DAMAGED, instance_of, live_instances, read

_ORPHANS: Final = """
SELECT a.id AS id, a.decision AS decision, coalesce(d.instance, '') AS instance
FROM {db}.attempts a LEFT JOIN {db}.decisions d ON d.id = a.decision
WHERE NOT EXISTS (SELECT 1 FROM {db}.settlements s WHERE s.attempt = a.id) AND a.decision NOT IN {elsewhere}
"""
_WITHOUT_END: Final = """
SELECT d.id AS id, d.instance AS instance FROM {db}.decisions d
WHERE NOT EXISTS (SELECT 1 FROM {db}.finished f WHERE f.decision = d.id) AND d.id NOT IN {elsewhere}
"""
_STRAY_SETTLEMENTS: Final = """
SELECT s.attempt AS id FROM {db}.settlements s
WHERE NOT EXISTS (SELECT 1 FROM {db}.attempts a WHERE a.id = s.attempt AND a.decision = s.decision)
AND s.decision NOT IN {elsewhere}
"""
_STRAY_ENDS: Final = """
SELECT f.decision AS id FROM {db}.finished f
WHERE NOT EXISTS (SELECT 1 FROM {db}.decisions d WHERE d.id = f.decision) AND f.decision NOT IN {elsewhere}
"""
_SUMS: Final = """
SELECT f.decision AS id, f.cost AS recorded, CAST(coalesce(sum(s.cost), 0) AS BIGINT) AS found,
  CAST(sum(CASE WHEN s.outcome = 'orphaned' THEN 1 ELSE 0 END) AS BIGINT) AS orphaned
FROM {db}.finished f LEFT JOIN {db}.settlements s ON s.decision = f.decision
WHERE f.decision NOT IN {elsewhere}
GROUP BY f.decision, f.cost, f.attempts HAVING f.cost <> coalesce(sum(s.cost), 0) OR f.attempts <> count(s.attempt)
"""
_COUNTS: Final = """
SELECT (SELECT count(*) FROM {db}.decisions d WHERE d.id NOT IN {elsewhere}) AS requests,
  (SELECT count(*) FROM {db}.attempts a WHERE a.decision NOT IN {elsewhere}) AS attempts,
  (SELECT count(*) FROM {db}.settlements s WHERE s.decision NOT IN {elsewhere}) AS settlements,
  (SELECT CAST(coalesce(sum(s.cost), 0) AS BIGINT) FROM {db}.settlements s WHERE s.decision NOT IN {elsewhere}) AS cost
"""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found."""

    schema: int
    """Version of the database; 0 if there is none yet."""
    requests: int
    attempts: int
    settlements: int
    cost: int
    """Sum of all settlements, in nano-dollars."""
    running: int
    """Attempts that are open because their gateway, here or on another host, is at work."""
    chains: int
    receipts: int
    """Entries of the egress's chains that the ledger holds."""
    problems: tuple[AuditFinding, ...]
    notes: tuple[AuditFinding, ...]


def audit(data_dir: DataDir, heads: Sequence[Head] = ()) -> Audit:
    """Check everything: database and spool at one moment, and the chains of what was sent.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
        OSError: a file cannot be read.
    """
    live = live_instances(data_dir.spool)
    before = sizes(data_dir.egress)
    with snapshot(data_dir) as seen:
        chains = audit_chains(seen, list(read_files(data_dir.egress, before)), heads)
        live |= live_instances(data_dir.spool)
        sums = [dict(row) for row in seen.select(_COUNTS)]
        problems, notes = _strays(seen), _sums(seen)
        unsettled = seen.select(_ORPHANS)
        orphans = [row for row in unsettled if row["instance"] not in live and seen.is_own(row["instance"])]
        without_end = seen.select(_WITHOUT_END)
        ended = [row for row in without_end if row["instance"] not in live and seen.is_own(row["instance"])]
        problems += [
            AuditFinding("orphan", row["id"], "an attempt without a settlement; the next start settles it at its hold")
            for row in orphans
        ]
        problems += [
            AuditFinding("unfinished", row["id"], "a request without an end; the next start ends it") for row in ended
        ]
        problems += [AuditFinding("damage", f"{one.file}:{one.offset}", "a line cannot be read") for one in seen.damage]
        wrong, unproven = audit_adjustments(seen)
        problems += wrong + _put_aside(data_dir) + chains.problems
        return Audit(
            schema=newest() if seen.stored is not None else 0,
            **{name: sum(part[name] for part in sums) for name in ("requests", "attempts", "settlements", "cost")},
            running=len(unsettled) - len(orphans),
            chains=chains.chains,
            receipts=chains.entries,
            problems=tuple(problems + [one for one in notes if one.kind == "sum"]),
            notes=tuple([one for one in notes if one.kind != "sum"] + unproven + chains.notes + pruned.notes(seen)),
        )


def _strays(seen: LedgerSnapshot) -> list[AuditFinding]:
    return [
        *(
            AuditFinding("stray settlement", row["id"], "a settlement without its attempt")
            for row in seen.select(_STRAY_SETTLEMENTS)
        ),
        *(
            AuditFinding("stray end", row["id"], "a request's end without its decision")
            for row in seen.select(_STRAY_ENDS)
        ),
    ]


def _sums(seen: LedgerSnapshot) -> list[AuditFinding]:
    """Compare each end with its settlements. One that could not be written, and was made up for, explains a gap."""
    found = []
    for row in seen.select(_SUMS):
        kind = "made up for" if row["orphaned"] else "sum"
        text = f"ended at {row['recorded']} nano-dollars, its settlements say {row['found']}"
        found.append(AuditFinding(kind, row["id"], text))
    return found


def _put_aside(data_dir: DataDir) -> list[AuditFinding]:
    """Return the damage in segments that were shipped as far as they could be read."""
    return [
        AuditFinding(
            "damage", f"{one.file}:{one.offset}", f"a line of {instance_of(file)} cannot be read; the file is kept"
        )
        for file in sorted(data_dir.spool.glob("*" + DAMAGED))
        for one in read(file, 0).damage
    ]
