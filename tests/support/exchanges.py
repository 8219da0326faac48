"""Finished requests, made by the real pipeline over fakes."""

import anyio
from support.fakes import (
    DONE,
    FULL_QUEUE,
    ROLE,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    ask,
    chunk,
    inbound,
    policy,
    stream,
    whole,
)

from gateway.domain.records import decode, encode
from gateway.pipeline.handle import handle
from gateway.telemetry.exchange import Exchange

GOOD = (ROLE, chunk("Hel"), chunk(finish="stop"), USAGE, DONE)


def exchange(upstream: FakeUpstream | None = None, body=None, *, changes=None, **headers: str) -> Exchange:
    """Serve one request and return its records as the ledger gives them back."""
    fakes = Fakes(snapshot=policy(**(changes or {})), upstream=upstream or FakeUpstream(home=whole()))
    anyio.run(handle, inbound(body, **headers), fakes.world, Client())
    (done,) = fakes.observer.exchanges
    return read_back(done)


def read_back(done: Exchange) -> Exchange:
    """Return an exchange as it comes out of the spool."""
    pairs = tuple((decode(encode(started)), decode(encode(settled))) for started, settled in done.attempts)
    return Exchange(decode(encode(done.decision)), pairs, decode(encode(done.finished)))  # type: ignore[arg-type]


def failed_over() -> Exchange:
    """A stream whose first target had a full queue."""
    upstream = FakeUpstream(home=stream(FULL_QUEUE, DONE), away=stream(*GOOD))
    return exchange(upstream, ask("ann", stream=True), x_gateway_session="s")


def refused() -> Exchange:
    """A request that no target may take."""
    return exchange(body=ask("4111 1111 1111 1111"), changes={"models": [{"name": "auto", "candidates": ["away"]}]})
