"""The data plane as plain ASGI: the hot routes by hand, because a framework costs more than the relay itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import anyio
import orjson

from gateway.asgi import (
    CONNECTION,
    AsgiResponder,
    ClientGone,
    CutOff,
    Receive,
    Scope,
    Send,
    discard,
    read_body,
    until_hang_up,
)
from gateway.domain.errors import GatewayError, InvalidRequest, NotAuthenticated
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.edge.health import Health
from gateway.edge.own import Own
from gateway.pipeline.authenticate import authenticate
from gateway.pipeline.handle import counted, handle
from gateway.pipeline.headers import request_ids
from gateway.pipeline.inbound import Headers, Inbound
from gateway.pipeline.world import World
from gateway.ports import ClientStalled, Responder
from gateway.scanning import off_loop
from gateway.telemetry.logs import Log
from gateway.telemetry.metrics import EdgeMetrics
from gateway.telemetry.unexpected import leaf, where
from gateway.wire.dialect import Dialect
from gateway.wire.dialects import DIALECTS as BY_NAME
from gateway.wire.encoding import decoded
from gateway.wire.errors import envelope, error_headers, status_of, type_of
from gateway.wire.paths import problem
from gateway.wire.traceparent import RANDOM_BYTES as TRACE_BYTES
from gateway.wire.traceparent import join

DIALECTS: Final[dict[str, Dialect]] = {dialect.path: dialect for dialect in BY_NAME.values()}
COUNTING: Final = "/v1/messages/count_tokens"
NOT_BUILT: Final = frozenset({"/v1/completions", "/v1/embeddings"})
Serve = Callable[[Inbound, World, Responder], Awaitable[None]]
BODY_S: Final = 60.0
"""How long a body may take to come in."""


@dataclass(slots=True)
class Edge:
    """The ASGI app of one edge process."""

    world: World
    health: Health
    own: Own
    metrics: EdgeMetrics
    log: Log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            return
        dialect, serve = DIALECTS.get(scope["path"]), handle
        if scope["path"] == COUNTING:
            dialect, serve = DIALECTS["/v1/messages"], counted
        if dialect is not None and scope["method"] == "POST":
            self.metrics.in_flight.inc()
            try:
                await self._exchange(dialect, serve, scope, receive, send)
            finally:
                self.metrics.in_flight.dec()
        else:
            await self._other(scope, AsgiResponder(send))

    async def _exchange(self, dialect: Dialect, serve: Serve, scope: Scope, receive: Receive, send: Send) -> None:
        world = self.world
        respond = AsgiResponder(send, scope)
        headers = Headers.parse(scope["headers"])
        now = world.clock.wall_ns()
        decision_id = new_id("dec", now // 1_000_000, world.random(RANDOM_BYTES))
        started = world.clock.monotonic()
        try:
            # Who has no key is not listened to: nothing of the body is kept.
            principal, _ = authenticate(headers, world.keys, world.policy().teams, now / 1e9)
            body = await self._body(scope, headers, receive)
        except ClientGone:
            return
        except (GatewayError, TimeoutError) as caught:
            error = caught if isinstance(caught, GatewayError) else InvalidRequest("the body did not come in time")
            if isinstance(error, NotAuthenticated):
                await discard(receive)
            world.observer.refused(dialect.name, error.code, "", decision_id)
            await _refuse(error, dialect, decision_id, respond)
            return
        trace = join(headers.get("traceparent"), world.random(TRACE_BYTES))
        inbound = Inbound(decision_id, dialect, headers, body, now, started, trace, principal)
        await self._guarded(scope, inbound, serve, respond)

    async def _body(self, scope: Scope, headers: Headers, receive: Receive) -> bytes:
        """Return the body; what is there already needs no timer.

        Raises:
            RequestTooLarge: it is larger than it may be.
            UnsupportedEncoding: it is compressed in a way that is not read.
            InvalidRequest: it is not compressed as it says.
            ClientGone: the client hung up.
            TimeoutError: it did not come in time.
        """
        limit = self.world.limits.body_bytes
        if scope[CONNECTION].has_whole(scope):
            body = await read_body(scope, receive, limit)
        else:
            with anyio.fail_after(BODY_S):
                body = await read_body(scope, receive, limit)
        encoding = headers.get("content-encoding")
        return body if encoding is None else await off_loop(partial(decoded, body, encoding, limit), limit)

    async def _guarded(self, scope: Scope, inbound: Inbound, serve: Serve, respond: AsgiResponder) -> None:
        """Run a call; the one place where an unexpected error becomes an answer instead of a stack trace.

        An answer that began cannot be ended properly any more: the connection is cut, lest it be taken for whole.
        """
        decision_id, dialect = inbound.id, inbound.dialect
        try:
            await until_hang_up(scope, lambda: serve(inbound, self.world, respond))
        except Exception as caught:  # noqa: BLE001 -- the edge's one supervisor
            if isinstance(leaf(caught), ClientStalled):
                raise CutOff from None
            error = self._note(caught, decision_id)
            if respond.started:
                raise CutOff from None
            await _refuse(_as_ours(error), dialect, decision_id, respond)

    def _note(self, caught: BaseException, decision_id: str) -> BaseException:
        """Count and log an unexpected error by kind and place, never by its message, which may hold content."""
        error = leaf(caught)
        self.metrics.internal_errors.inc()
        self.log.event("internal_error", "error", id=decision_id, kind=type(error).__name__, where=where(error))
        return error

    async def _other(self, scope: Scope, respond: AsgiResponder) -> None:
        path, method = scope["path"], scope["method"]
        headers = Headers.parse(scope["headers"])
        dialect = DIALECTS["/v1/messages" if headers.get("anthropic-version") else "/v1/chat/completions"]
        try:
            if method == "GET" and await self._get(path, headers, respond):
                return
            if method == "POST" and path.startswith(_DECISIONS) and path.endswith(_DISPUTE):
                decision = path.removeprefix(_DECISIONS).removesuffix(_DISPUTE)
                await respond.answer(202, await self.own.dispute(headers, decision))
                return
        except GatewayError as error:
            await _refuse(error, dialect, "", respond)
            return
        except Exception as caught:  # noqa: BLE001 -- a ledger that cannot be read, say
            self._note(caught, "")
            await _refuse(_as_ours(caught), dialect, "", respond)
            return
        status, said = problem(path, {*DIALECTS, COUNTING}, NOT_BUILT)
        body = dialect.error_body(type_of(dialect, status), "invalid_request", said, {})
        await respond.answer(status, orjson.dumps(body))

    async def _get(self, path: str, headers: Headers, respond: AsgiResponder) -> bool:
        """Answer a GET; False if there is no such path."""
        if path == "/livez":
            await respond.answer(200, b'{"status":"alive"}')
        elif path == "/readyz":
            ready = self.health.ready()
            body = b'{"status":"ready"}' if ready else b'{"status":"not_ready"}'
            await respond.answer(200 if ready else 503, body)
        elif path == "/v1/models":
            await respond.answer(200, self.own.models(headers))
        elif path.startswith(_MODELS):
            await respond.answer(200, self.own.model(headers, path.removeprefix(_MODELS)))
        elif path == "/v1/gateway/me":
            await respond.answer(200, self.own.me(headers))
        elif path.startswith(_DECISIONS):
            await respond.answer(200, await self.own.decision(headers, path.rpartition("/")[2]))
        else:
            return False
        return True


_DECISIONS: Final = "/v1/gateway/decisions/"
_MODELS: Final = "/v1/models/"
_DISPUTE: Final = "/dispute"


class InternalError(GatewayError):
    """A bug, reported without details."""

    code = "internal_error"


def _as_ours(error: BaseException) -> GatewayError:
    return (
        error if isinstance(error, GatewayError) else InternalError("the gateway failed; the operators' log has more")
    )


async def _refuse(error: GatewayError, dialect: Dialect, decision_id: str, respond: AsgiResponder) -> None:
    body = envelope(dialect, error, decision_id)
    status = status_of(error)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if decision_id:
        headers += [(b"x-gateway-decision-id", decision_id.encode()), *request_ids(decision_id)]
    await respond.start(status, [*headers, *error_headers(error, status)])
    await respond.finish(body)
