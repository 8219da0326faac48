"""Workers tell one another what fails, and go on by themselves while they cannot."""

import anyio
import pytest
from support.fakes import Clock, policy

from gateway.bootstrap import breakers as module
from gateway.domain.admission import StateUnavailable
from gateway.failover.breaker import Paused, Verdict
from gateway.stores.state.breakers_memory import MemoryBreakers
from gateway.upstream.board import Board

pytestmark = pytest.mark.anyio
HOME = policy().targets["home"]


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Away:
    async def share(self, own):
        raise StateUnavailable


async def turns(board, breakers, monkeypatch, count=1):
    with anyio.CancelScope() as scope:
        left = [None] * count

        async def tick(_seconds):
            left.pop()
            if not left:
                scope.cancel()
            await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(module.anyio, "sleep", tick)
        await module.share_breakers(board, breakers)


async def test_what_another_worker_pauses_is_respected_and_what_this_one_pauses_is_reported(monkeypatch):
    clock = Clock()
    board, ours = Board(clock.monotonic, lambda: None), MemoryBreakers(clock, "a")
    other = ours.beside("b")
    await other.share([Paused("home", HOME.places[0], 9.0)])
    board.started(HOME, "http://x")
    board.ended(HOME, "http://x", Verdict.FAILED, retry_after=5.0)

    await turns(board, ours, monkeypatch)

    assert board.why_unavailable(HOME) == "down"
    assert await other.share(()) == (Paused("home", "http://x", 5.0, saturated=True),)


async def test_while_the_others_cannot_be_asked_a_worker_goes_by_its_own_calls(monkeypatch):
    board = Board(Clock().monotonic, lambda: None)
    await turns(board, Away(), monkeypatch, 3)
    assert board.why_unavailable(HOME) == "up"
