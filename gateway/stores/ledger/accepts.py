"""Whether a policy was accepted anywhere, by the audit log that hosts share: who recorded it, and why."""

from contextlib import closing

from gateway.domain.records import FAILED, Action
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.rows import action_of

ACCEPT = "policy.accept"
_NEWEST = (
    "SELECT * FROM actions WHERE subject = :policy AND action IN (:accept, :failed) ORDER BY at DESC, id DESC LIMIT 1"
)


def accepted_elsewhere(data_dir: DataDir, policy: str) -> Action | None:
    """Return the record by which a policy was accepted; None if there is none, it failed, or the ledger is not shared.

    Raises:
        LedgerUnavailable: the ledger cannot be read now, or is of another version.
        ValueError: the record was changed by hand.
    """
    if data_dir.ledger_url == SQLITE:
        return None
    from gateway.stores.ledger.postgres import check  # noqa: PLC0415 -- its driver is an extra
    from gateway.stores.sql.postgres import PostgresDatabase  # noqa: PLC0415 -- as above

    with closing(PostgresDatabase(data_dir.ledger_url)) as server:
        check(server)
        rows = server.select(_NEWEST, {"policy": policy, "accept": ACCEPT, "failed": ACCEPT + FAILED})
    found = [action_of(row) for row in rows]
    return found[0] if found and found[0].action == ACCEPT else None
