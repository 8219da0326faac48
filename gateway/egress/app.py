"""The egress as an ASGI app: admit, send, hand back bytes. ``x-egress-outcome`` says who speaks: the vendor or us."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import orjson

from gateway.asgi import AsgiResponder, ClientGone, CutOff, Receive, Scope, Send, read_body, until_disconnect
from gateway.domain.errors import RequestTooLarge
from gateway.domain.target import Target
from gateway.egress.admission import Admission, Refused
from gateway.egress.outgoing import Outgoing, VendorAnswer, VendorBroken
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.ticket.claims import FORWARDED_HEADERS, Sending

STATUS_PATH: Final = "/internal/status"
METRICS_PATH: Final = "/internal/metrics"
TICKET_HEADER: Final = b"x-gateway-ticket"
PATHS: Final = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic"}
"""Path → kind of target that speaks it: there the body goes through as bytes."""


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

    admission: Admission
    passthrough: Way
    bridge: Way
    metrics: EgressMetrics
    body_bytes: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's call."""
        if scope["type"] != "http":
            return
        respond = AsgiResponder(send)
        if scope["method"] == "GET":
            await self._tell(scope["path"], respond)
            return
        try:
            body = await read_body(scope, receive, self.body_bytes)
            outgoing, way = self._admit(scope, body)
        except ClientGone:
            return
        except RequestTooLarge:
            await self._refuse("too_large", respond)
            return
        except Refused as refused:
            await self._refuse(refused.code, respond)
            return
        await until_disconnect(receive, lambda: self._relay(way, outgoing, respond))

    def _admit(self, scope: Scope, body: bytes) -> tuple[Outgoing, Way]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        forwarded = {name: headers[name] for name in FORWARDED_HEADERS if name in headers}
        sending = Sending(scope["method"], scope["path"], body, forwarded)
        claims, target = self.admission.admit(headers.get(TICKET_HEADER.decode()), sending)
        if sending.path not in PATHS:
            raise Refused("unknown_path")
        outgoing = Outgoing(target, self.admission.credential(target), sending.path, body, forwarded, claims.attempt)
        return outgoing, self._way(target, sending.path)

    def _way(self, target: Target, path: str) -> Way:
        return self.passthrough if PATHS[path] == target.kind else self.bridge

    async def _relay(self, way: Way, outgoing: Outgoing, respond: AsgiResponder) -> None:
        target = outgoing.target.id
        try:
            async with way.send(outgoing) as answer:
                self.metrics.sent(target, answer.status)
                await respond.start(answer.status, [*_encoded(answer.headers), (b"x-egress-outcome", b"vendor")])
                async for piece in answer.pieces:
                    await respond.send(piece)
                await respond.finish()
        except VendorBroken as broken:
            await self._failed("vendor_broken" if broken.reached else "vendor_unreachable", respond)
        except Exception:  # noqa: BLE001 -- the egress's one supervisor; its message may hold content
            await self._failed("internal_error", respond)

    async def _failed(self, code: str, respond: AsgiResponder) -> None:
        """Tell a failure, or cut the answer if it began: the edge must not take a broken one for a whole one.

        What failed is not told on: a vendor's message may quote the request, and the server logs what is raised.
        """
        if respond.started:
            self.metrics.refused(code)
            raise CutOff from None
        await self._refuse(code, respond)

    async def _refuse(self, code: str, respond: AsgiResponder) -> None:
        self.metrics.refused(code)
        await respond.start(403, [(b"content-length", b"0"), (b"x-egress-outcome", f"refused:{code}".encode())])
        await respond.finish()

    async def _tell(self, path: str, respond: AsgiResponder) -> None:
        if path == STATUS_PATH:
            status = {"instance": self.admission.instance, "credentials": self.admission.ready_targets()}
            await respond.answer(200, orjson.dumps(status))
        elif path == METRICS_PATH:
            await respond.answer(200, self.metrics.render(), "text/plain; version=0.0.4")
        elif path in {"/livez", "/readyz"}:
            await respond.answer(200, b'{"status":"ready"}')
        else:
            await respond.answer(404, b"{}")


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
