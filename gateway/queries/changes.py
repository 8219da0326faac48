"""Who changed what by hand: keys, tokens, booked corrections."""

from typing import Any

from gateway.stores.ledger import actions
from gateway.stores.ledger.reader import LedgerReader


def changes(reader: LedgerReader, since_ns: int, limit: int, *, actor: str, action: str) -> list[dict[str, Any]]:
    """Return changes since a time, newest first; ``actor``, ``action``: only this one's, empty: all.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        return [actions.as_json(one) for one in view.actions(since_ns, limit, actor=actor, action=action)]
