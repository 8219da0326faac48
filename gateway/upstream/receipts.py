"""The edge's side of receipts: each ticket that it issues ends as one record, whatever the egress says or does not."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from gateway.domain.chain import REFUSED, ChainEntry
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import NO_ANSWER, NO_EGRESS, NO_RECEIPT, Receipt
from gateway.ticket.claims import Claims

RECEIPT_HEADER: Final = "x-egress-receipt"
MOST_OVERDUE: Final = 1000
MOST_ROUNDS: Final = 5
"""How often a receipt that did not come with an answer is requested from an egress."""
UNSEEN: Final = REFUSED + "unseen"
"""Outcome of a ticket that never reached its instance."""
_UNREAD: Final = re.compile(
    REFUSED + "(?:missing|malformed|unknown_key|bad_signature|too_large|chain_unavailable|wrong_audience)"
)
"""Refusals that may come without an entry: the ticket could not be read, or the chain not be written."""


class Receipts:
    """Keeps what becomes of tickets, and remembers whose receipts must still be requested."""

    def __init__(self, keep: Callable[[Receipt], object], now: Callable[[], int]) -> None:
        self._keep = keep
        self._now = now
        self._overdue: dict[str, tuple[Claims, int]] = {}

    def answered(self, claims: Claims, size: int, outcome: str, headers: Mapping[str, str]) -> None:
        """Keep the receipt of an answer's head, or that it has none.

        Raises:
            LedgerUnavailable: it cannot be recorded.
        """
        entry = _entry(headers.get(RECEIPT_HEADER, ""), claims)
        if entry is None:
            code = outcome if _UNREAD.fullmatch(outcome) else NO_RECEIPT
            entry = self._unchained(claims, size, code)
        self._keep(Receipt(claims.jti, claims.decision, entry))

    def unanswered(self, claims: Claims, size: int, *, sent: bool) -> None:
        """Keep that no answer came; if the ticket may have been used, its receipt is requested later."""
        if sent and len(self._overdue) < MOST_OVERDUE:
            self._overdue[claims.jti] = (claims, 0)
        entry = self._unchained(claims, size, NO_ANSWER if sent else NO_EGRESS)
        with suppress(LedgerUnavailable):  # the attempt's own records fail too, and report it
            self._keep(Receipt(claims.jti + "?" * sent, claims.decision, entry))

    def overdue(self, instance: str) -> list[str]:
        """Return the tickets whose receipts an instance may still have. A missing instance is no longer called."""
        self._overdue = {
            ticket: (claims, rounds)
            for ticket, (claims, rounds) in self._overdue.items()
            if claims.audience == instance and rounds < MOST_ROUNDS
        }
        return list(self._overdue)

    def late(self, ticket: str, line: bytes | None) -> None:
        """Store a late receipt; an unusable answer is requested again a few times.

        ``None``: the instance does not know the ticket. If it still does not after some seconds, the call is recorded
        as never received.
        """
        claims, rounds = self._overdue.get(ticket, (None, 0))
        if claims is None:
            return
        self._overdue[ticket] = (claims, rounds + 1)
        with suppress(ValueError, LedgerUnavailable):
            if line is not None:
                entry = ChainEntry.read(line)
            elif rounds + 1 == MOST_ROUNDS:
                entry = self._unchained(claims, 0, UNSEEN)
            else:
                return
            if line is None or _fits(entry, claims):
                self._keep(Receipt(ticket, claims.decision, entry))
                del self._overdue[ticket]

    def _unchained(self, claims: Claims, size: int, outcome: str) -> ChainEntry:
        return ChainEntry(
            instance=claims.audience,
            seq=0,
            prev="",
            at=self._now(),
            target=claims.target,
            team=claims.team,
            data_class=claims.label.data_class.word,
            categories=tuple(sorted(claims.label.categories)),
            found="",
            ticket=claims.jti,
            decision=claims.decision,
            attempt=claims.attempt,
            attempt_kind=claims.kind,
            policy=claims.policy,
            body_sha256=claims.body_sha256,
            size=size,
            outcome=outcome,
        )


def _entry(header: str, claims: Claims) -> ChainEntry | None:
    """Return the entry of a header, if it is one of this ticket and body."""
    try:
        entry = ChainEntry.from_receipt(header)
    except ValueError:
        return None
    return entry if _fits(entry, claims) else None


def _fits(entry: ChainEntry, claims: Claims) -> bool:
    named = (entry.ticket, entry.decision, entry.attempt, entry.target, entry.body_sha256)
    return entry.whole and named == (claims.jti, claims.decision, claims.attempt, claims.target, claims.body_sha256)
