"""Bodies of upstreams: a whole one within bounds, the beginning of an error's, what follows a complete answer."""

from contextlib import suppress
from typing import Final

import anyio

from gateway.failover.plan import Failure
from gateway.pipeline.failures import AttemptFailed
from gateway.ports import UpstreamAnswer, UpstreamBroken

DRAIN_S: Final = 1.0


async def read_all(answer: UpstreamAnswer, limit: int) -> bytes:
    """Return a whole body.

    Raises:
        AttemptFailed: it is larger than ``limit`` bytes.
        UpstreamBroken: it ended early.
    """
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.chunks():
        size += len(piece)
        if size > limit:
            raise AttemptFailed(Failure.BROKEN, "the upstream's answer is too large", status=answer.head.status)
        pieces.append(piece)
    return b"".join(pieces)


async def beginning(answer: UpstreamAnswer, limit: int) -> bytes:
    """Return what comes of an error's body, at most ``limit`` bytes: its status already says what it is."""
    pieces: list[bytes] = []
    size = 0
    with suppress(UpstreamBroken):
        async for piece in answer.chunks():
            pieces.append(piece)
            size += len(piece)
            if size >= limit:
                break
    return b"".join(pieces)[:limit]


async def drain(answer: UpstreamAnswer) -> None:
    """Read what little follows a complete answer, so that the connection can be used again.

    The client has all of its answer and may be gone: that must not cut this short.
    """
    if answer.complete:
        return
    with anyio.move_on_after(DRAIN_S, shield=True), suppress(UpstreamBroken):
        async for _ in answer.chunks():
            continue
