"""What one worker learns of an endpoint that fails, the others hear of within a second."""

from contextlib import suppress
from typing import Final

import anyio

from gateway.domain.admission import StateUnavailable
from gateway.ports import Breakers
from gateway.upstream.board import Board

PERIOD_S: Final = 1.0


async def share_breakers(board: Board, breakers: Breakers) -> None:
    """Exchange open breakers until cancelled, off the request path; without the store workers use their own calls."""
    while True:
        with suppress(StateUnavailable):
            board.heed(await breakers.share(board.paused()))
        await anyio.sleep(PERIOD_S)
