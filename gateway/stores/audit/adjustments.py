"""Checks that each correction in the ledger was computed from what the ledger had then, and was not inserted later.

The name of an adjustment is a digest of the call, the price's version, what the call cost before and after, and how
often it was corrected before. So the rows alone prove whether its amount is the new price less what had been charged.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from gateway.pricing.rerate import correction_id, version_in
from gateway.pricing.true_up import GPU_HOUR, true_up_id
from gateway.stores.audit.finding import AuditFinding
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.sql.database import Row

STRAY: Final = "stray adjustment"
WRONG: Final = "adjustment"
UNPROVEN: Final = "unproven adjustment"
_ADJUSTMENTS: Final = """
SELECT x.id, x.attempt, x.at, x.amount, x.price_source, x.reason, s.cost
FROM {db}.adjustments x LEFT JOIN {db}.settlements s ON s.attempt = x.attempt AND s.decision = x.decision
WHERE x.decision NOT IN {elsewhere}
ORDER BY x.attempt, x.at, x.id
"""


def audit_adjustments(seen: LedgerSnapshot) -> tuple[list[AuditFinding], list[AuditFinding]]:
    """Return what is wrong with adjustments, and what cannot be proven of them."""
    problems: list[AuditFinding] = []
    notes: list[AuditFinding] = []
    for _, rows in groupby(seen.each(_ADJUSTMENTS), key=lambda row: row["attempt"]):
        for finding in _of_attempt(list(rows)):
            (notes if finding.kind == UNPROVEN else problems).append(finding)
    return problems, notes


def _of_attempt(rows: Sequence[Row]) -> Iterator[AuditFinding]:
    priced = whole = rows[0]["cost"]
    for done, row in enumerate(rows):
        amount, name = row["amount"], row["id"]
        if row["cost"] is None or whole is None:
            yield AuditFinding(STRAY, name, f"corrects {row['attempt']}, which has no settlement")
            continue
        by_hour = row["reason"] == GPU_HOUR
        before = whole if by_hour else priced
        whole += amount
        priced += 0 if by_hour else amount
        version = version_in(row["price_source"])
        if by_hour:
            known = {true_up_id(row["attempt"], before, before + amount, each) for each in (done, 0)}
        elif version:
            known = {correction_id(row["attempt"], version, before, before + amount, each) for each in (done, 0)}
        else:
            yield AuditFinding(UNPROVEN, name, "it does not name the version of its price, like all older ones")
            continue
        if name not in known:
            text = f"adds {amount} nano-dollars to {row['attempt']} at {before}: no new price came to that"
            yield AuditFinding(WRONG, name, text)
