"""The egress as an ASGI app: admit, read, write down, send, hand back bytes.

``x-egress-outcome`` says who speaks, the vendor or us; ``x-egress-receipt`` is the entry in this instance's chain.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import anyio
import orjson

from gateway.asgi import AsgiResponder, ClientGone, CutOff, Receive, Scope, Send, read_body, until_hang_up
from gateway.domain.chain import REFUSED, SENT, ChainEntry
from gateway.domain.errors import RequestTooLarge
from gateway.domain.target import Dialect, Target
from gateway.egress.admission import Admitted, EgressRefused, TicketGate
from gateway.egress.chain import Chain, ChainUnavailable
from gateway.egress.outgoing import Outgoing, VendorAnswer, VendorBroken
from gateway.egress.screen import Screen, Seen
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.telemetry.logs import Log
from gateway.telemetry.unexpected import leaf, where
from gateway.ticket.claims import FORWARDED_HEADERS, Claims, Sending
from gateway.wire.forwarded import forwarded

STATUS_PATH: Final = "/internal/status"
METRICS_PATH: Final = "/internal/metrics"
RECEIPTS_PATH: Final = "/internal/receipts/"
INTERNAL: Final = "internal_error"
RECEIPT_HEADER: Final = b"x-egress-receipt"
TICKET_HEADER: Final = b"x-gateway-ticket"
PATHS: Final[dict[str, Dialect]] = {
    "/v1/chat/completions": "openai.chat",
    "/v1/messages": "anthropic.messages",
    "/v1/responses": "openai.responses",
}
"""Path → its dialect: to a target that speaks it the body goes through as bytes."""


class Way(Protocol):
    """One way to a vendor."""

    def send(self, outgoing: Outgoing) -> AbstractAsyncContextManager[VendorAnswer]:
        """Send and yield the vendor's answer.

        Raises:
            VendorBroken: there was none.
        """


@dataclass(frozen=True, slots=True)
class Egress:
    """The ASGI app of one instance."""

    admission: TicketGate
    screen: Screen
    chain: Chain
    passthrough: Way
    bridge: Way
    metrics: EgressMetrics
    body_bytes: int
    log: Log
    warm: Callable[[], bool] = lambda: True
    """Whether the first call will not wait for the import of a library."""
    policy_state: Callable[[], dict[str, Any]] = dict
    """The policy in force, and why newer files are not; see ``gateway.bootstrap.policies.state_of``."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's call; nothing that is raised reaches the server, which would log its message."""
        if scope["type"] != "http":
            return
        respond = AsgiResponder(send, scope)
        try:
            await self._answer(scope, receive, respond)
        except Exception as error:  # noqa: BLE001 -- the egress's one supervisor
            if not isinstance(leaf(error), CutOff):
                self._unexpected(error)
                if not respond.started:
                    await self._refuse(INTERNAL, respond)
                    return
                self.metrics.refused(INTERNAL)
            raise CutOff from None

    async def _answer(self, scope: Scope, receive: Receive, respond: AsgiResponder) -> None:
        if scope["method"] == "GET":
            await self._tell(scope["path"], respond)
            return
        try:
            body = await read_body(scope, receive, self.body_bytes)
        except ClientGone:
            return
        except RequestTooLarge:
            await self._refuse("too_large", respond)
            return
        await until_hang_up(scope, lambda: self._serve(scope, body, respond))

    async def _serve(self, scope: Scope, body: bytes, respond: AsgiResponder) -> None:
        """Let one call out, or refuse it; either is recorded first."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        shown = {name: headers[name] for name in FORWARDED_HEADERS if name in headers}
        sending = Sending(scope["method"], scope["path"], body, shown)
        try:
            admitted = self._admit(headers.get(TICKET_HEADER.decode()), sending)
        except EgressRefused as refused:
            ours = refused.claims
            entry = self._note(self._entry(ours, None, len(body), REFUSED + refused.code, Seen())) if ours else None
            await self._refuse(refused.code, respond, entry)
            return
        claims, target = admitted.claims, admitted.target
        try:
            seen = await self.screen.look(claims, target, body)
        except anyio.get_cancelled_exc_class():
            self._note(self._entry(claims, admitted, len(body), REFUSED + "hung_up", Seen()))
            raise
        except Exception as error:  # noqa: BLE001 -- what nobody could read does not leave, and is recorded
            self._unexpected(error)
            seen = Seen(code=INTERNAL)
        way = self._way(target, sending.path)
        # litellm may fetch for a vendor that cannot: then it would be this process that a caller sends somewhere.
        code = seen.code or ("remote_fetch" if seen.fetches and way is self.bridge else "")
        entry = self._note(self._entry(claims, admitted, len(body), REFUSED + code if code else SENT, seen))
        if code or entry is None:
            await self._refuse(code or "chain_unavailable", respond, entry)
            return
        if entry.observed:
            self.metrics.observed(target.id)
        credential = self.admission.credential(target)
        kept = forwarded(shown, closed=True)
        outgoing = Outgoing(target, credential, sending.path, body, kept, claims.attempt)
        await self._relay(way, outgoing, entry, respond)

    def _admit(self, ticket: str | None, sending: Sending) -> Admitted:
        admitted = self.admission.admit(ticket, sending)
        dialect = PATHS.get(sending.path)
        if dialect is None or admitted.target.sent_as(dialect) != dialect:
            raise EgressRefused("unknown_path", admitted.claims)
        return admitted

    def _note(self, draft: ChainEntry) -> ChainEntry | None:
        """Write an entry; None if it cannot be written, and then nothing may be sent."""
        try:
            return self.chain.append(draft)
        except ChainUnavailable:
            return None

    def _entry(self, claims: Claims, admitted: Admitted | None, size: int, outcome: str, seen: Seen) -> ChainEntry:
        exception = admitted.exception if admitted else ""
        return ChainEntry(
            instance=self.chain.instance,
            seq=0,
            prev="",
            at=self.chain.now(),
            target=claims.target,
            team=claims.team,
            data_class=claims.label.data_class.word,
            categories=tuple(sorted(claims.label.categories)),
            found="" if seen.found is None else seen.found.data_class.word,
            ticket=claims.jti,
            decision=claims.decision,
            attempt=claims.attempt,
            attempt_kind=claims.kind,
            policy=self.screen.policy().hash,
            # Of a body that was altered on the way this is what the ticket was made for: so the edge knows it again.
            body_sha256=claims.body_sha256,
            size=size,
            outcome=outcome,
            exceptions=tuple(sorted({*seen.exceptions, exception} - {""})),
            observed=seen.observed or (admitted is not None and admitted.observed),
        )

    def _way(self, target: Target, path: str) -> Way:
        return self.passthrough if target.speaks(PATHS[path]) else self.bridge

    async def _relay(self, way: Way, outgoing: Outgoing, entry: ChainEntry, respond: AsgiResponder) -> None:
        target = outgoing.target.id
        try:
            async with way.send(outgoing) as answer:
                self.metrics.sent(target, answer.status)
                ours = [(b"x-egress-outcome", b"vendor"), (RECEIPT_HEADER, entry.receipt().encode())]
                await respond.start(answer.status, [*_encoded(answer.headers), *ours])
                async for piece in answer.pieces:
                    await respond.send(piece)
                await respond.finish()
        except VendorBroken as broken:
            await self._failed("vendor_broken" if broken.reached else "vendor_unreachable", entry, respond)
        except Exception as error:  # noqa: BLE001 -- its message may hold content
            self._unexpected(error)
            await self._failed(INTERNAL, entry, respond)

    def _unexpected(self, error: Exception) -> None:
        """Log an error by kind and place."""
        found = leaf(error)
        self.log.event(INTERNAL, "error", kind=type(found).__name__, where=where(found))

    async def _failed(self, code: str, entry: ChainEntry, respond: AsgiResponder) -> None:
        """Report a failure, or cut the answer off if it began, so that the edge does not take it for complete.

        The cause is not re-raised: a vendor's message may quote the request, and the server logs what is raised.
        """
        if respond.started:
            self.metrics.refused(code)
            raise CutOff from None
        await self._refuse(code, respond, entry)

    async def _refuse(self, code: str, respond: AsgiResponder, entry: ChainEntry | None = None) -> None:
        self.metrics.refused(code)
        headers = [(b"content-length", b"0"), (b"x-egress-outcome", f"{REFUSED}{code}".encode())]
        if entry is not None:
            headers.append((RECEIPT_HEADER, entry.receipt().encode()))
        await respond.start(403, headers)
        await respond.finish()

    async def _readyz(self, respond: AsgiResponder) -> None:
        """Say whether it takes calls, and whether newer policy files wait; the words of their fault may name paths."""
        if not self.warm():
            await respond.answer(503, b'{"status":"not_ready"}')
            return
        policy = {key: value for key, value in self.policy_state().items() if key != "problem"}
        await respond.answer(200, orjson.dumps({"status": "ready", **({"policy": policy} if policy else {})}))

    async def _tell(self, path: str, respond: AsgiResponder) -> None:
        if path == STATUS_PATH:
            credentials = self.admission.ready_targets()
            status = {"instance": self.admission.instance, "credentials": credentials, "warm": self.warm()}
            await respond.answer(200, orjson.dumps(status))
        elif path == METRICS_PATH:
            await respond.answer(200, self.metrics.render(), "text/plain; version=0.0.4")
        elif path == "/livez":
            await respond.answer(200, b'{"status":"alive"}')
        elif path == "/readyz":
            await self._readyz(respond)
        elif path.startswith(RECEIPTS_PATH) and (entry := self.chain.find(path.removeprefix(RECEIPTS_PATH))):
            await respond.answer(200, entry.line())
        else:
            await respond.answer(404, b"{}")


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
