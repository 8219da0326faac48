"""The edge's way to vendors: every call carries a ticket for one body to one target, good once, at one instance."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Final

import jiter

from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import Receipt
from gateway.ports import Clock, UpstreamAnswer, UpstreamBroken, UpstreamCall
from gateway.ticket.claims import LIFETIME_S, Claims, TicketKey, body_hash, headers_hash, sign
from gateway.upstream.local import request
from gateway.upstream.pool import Dialer, Pool, Server
from gateway.upstream.receipts import Receipts

TICKET_HEADER: Final = "x-gateway-ticket"
OUTCOME_HEADER: Final = "x-egress-outcome"
STATUS_PATH: Final = "/internal/status"
RECEIPTS_PATH: Final = "/internal/receipts/"
_ASK_AGAIN: Final = frozenset({"refused:wrong_audience", "refused:unknown_key"})
_VENDOR_FAILED: Final = frozenset({"vendor_broken", "vendor_unreachable"})
_HERE: Final = Server("http", "egress", 80, "")


class EgressUpstream:
    """Sends calls to targets of zone ``closed`` through one egress instance."""

    def __init__(
        self,
        dial: Dialer,
        key: TicketKey,
        clock: Clock,
        random: Callable[[int], bytes],
        keep: Callable[[Receipt], object] = lambda _: None,
    ) -> None:
        self._pool = Pool(dial)
        self._key = key
        self._clock = clock
        self._random = random
        self._receipts = Receipts(keep, clock.wall_ns)
        self._instance = ""
        self.credentials: frozenset[str] | None = None
        """Targets whose vendor key the egress holds; None until it has answered."""
        self.warm = False
        """Whether the egress has ever said that no call would wait for its start."""

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncGenerator[UpstreamAnswer]:
        """Send a call and yield the vendor's answer; leaving aborts what still runs.

        An egress that was restarted has a new name: it refuses the ticket unseen, and one made for it is sent. What an
        egress may have read before it ended is never sent again: it may be at the vendor.

        Raises:
            UpstreamBroken: the egress is away, refused or ended with the call in its hands, or the vendor gave no head.
            LedgerUnavailable: the receipt cannot be recorded.
        """
        if not self._instance:
            await self._introduced(call)
        outcome = ""
        for last in (False, True):
            async with self._send(call, self._claims(call)) as answer:
                outcome = answer.head.headers.get(OUTCOME_HEADER, "")
                if outcome == "vendor":
                    yield answer
                    return
            if outcome not in _ASK_AGAIN or last:
                break
            await self._introduced(call)
        reason = outcome.removeprefix("refused:") or "the answer did not come from an egress"
        raise UpstreamBroken(reason, sent=reason == "vendor_broken", egress=reason not in _VENDOR_FAILED)

    async def refresh(self, seconds: float) -> None:
        """Learn the instance's name and which targets it has keys for.

        Raises:
            UpstreamBroken: it is away.
        """
        try:
            async with self._pool.send(request("GET", _HERE, STATUS_PATH, {}, b""), seconds) as answer:
                body = b"".join([piece async for piece in answer.chunks()])
            status = jiter.from_json(body)
            self._instance = status["instance"]
            self.credentials = frozenset(status["credentials"])
            self.warm = self.warm or bool(status.get("warm", True))
            await self._ask_for_receipts(seconds)
        except UpstreamBroken as broken:
            self.credentials = None
            raise UpstreamBroken("the egress cannot be reached", sent=False, egress=True) from broken
        except (ValueError, KeyError, TypeError) as error:
            raise UpstreamBroken("the egress sent an invalid answer", sent=False, egress=True) from error

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    async def _introduced(self, call: UpstreamCall) -> None:
        """Learn the instance's name for a call; if that fails, the call's ticket has no valid audience."""
        known = False
        try:
            await self.refresh(call.connect_timeout)
            known = True
        finally:
            if not known:
                self._receipts.unanswered(self._claims(call), len(call.body), sent=False)

    async def _ask_for_receipts(self, seconds: float) -> None:
        """Ask for the receipts of calls that were given up before their answer came."""
        for ticket in self._receipts.overdue(self._instance):
            with suppress(UpstreamBroken):
                async with self._pool.send(request("GET", _HERE, RECEIPTS_PATH + ticket, {}, b""), seconds) as answer:
                    line = b"".join([piece async for piece in answer.chunks()])
                    self._receipts.late(ticket, None if answer.head.status == HTTPStatus.NOT_FOUND else line)

    @asynccontextmanager
    async def _send(self, call: UpstreamCall, claims: Claims) -> AsyncGenerator[UpstreamAnswer]:
        headers = {**call.headers, TICKET_HEADER: sign(claims, self._key)}
        size, answered, sent = len(call.body), False, True
        try:
            asked = request("POST", _HERE, call.path, headers, call.body)
            async with self._pool.send(asked, call.connect_timeout, once=True) as it:
                answered = True
                self._receipts.answered(claims, size, it.head.headers.get(OUTCOME_HEADER, ""), it.head.headers)
                yield it
        except UpstreamBroken as broken:
            sent = broken.sent
            if answered:
                raise
            detail = "the egress ended before its answer came" if sent else "the egress cannot be reached"
            raise UpstreamBroken(detail, sent=sent, egress=True) from broken
        finally:
            if not answered:
                self._receipts.unanswered(claims, size, sent=sent)

    def _claims(self, call: UpstreamCall) -> Claims:
        now_ns = self._clock.wall_ns()
        return Claims(
            jti=new_id("tkt", now_ns // 1_000_000, self._random(RANDOM_BYTES)),
            decision=call.decision,
            attempt=call.attempt,
            target=call.target.id,
            label=call.label,
            policy=call.policy,
            method="POST",
            path=call.path,
            body_sha256=body_hash(call.body),
            headers_sha256=headers_hash(call.headers),
            audience=self._instance,
            expires=now_ns / 1e9 + LIFETIME_S,
            team=call.team,
            kind=call.kind,
            exceptions=call.exceptions,
            masked=call.masked,
        )
