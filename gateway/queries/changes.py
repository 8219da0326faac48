"""Who changed what by hand: keys, tokens, booked corrections; and who disputes what was found."""

from typing import Any, Final

from gateway.domain.records import DISPUTE
from gateway.reports import disputes
from gateway.stores.ledger import actions
from gateway.stores.ledger.reader import LedgerReader

MOST: Final = 10_000
_NS: Final = 1_000_000_000


def changes(reader: LedgerReader, since_ns: int, limit: int, *, actor: str, action: str) -> list[dict[str, Any]]:
    """Return changes since a time, newest first; ``actor``, ``action``: only this one's, empty: all.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        return [actions.as_json(one) for one in view.actions(since_ns, limit, actor=actor, action=action)]


def disputed(reader: LedgerReader, since_ns: int, now_ns: int, team: str = "") -> list[dict[str, Any]]:
    """Return the decisions whose findings a caller disputed since a time, newest first; ``team``: only its own.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        return disputes.rows(view.actions(since_ns, MOST, action=DISPUTE), now_ns // _NS, team=team)
