"""One attempt: what an upstream's failure means, and what stays true however it ends."""

import gc
from functools import partial

import anyio
import pytest
from support.fakes import (
    DONE,
    ROLE,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    Reply,
    ask,
    chunk,
    inbound,
    policy,
    stream,
    whole,
)

from gateway.failover.breaker import Verdict
from gateway.pipeline import attempting, bodies
from gateway.pipeline.attempting import Attempting
from gateway.pipeline.booking import Booking
from gateway.pipeline.deadline import Deadline
from gateway.pipeline.handle import handle
from gateway.pipeline.world import Deadlines
from gateway.ports import UpstreamBroken

pytestmark = pytest.mark.anyio
GOOD = (ROLE, chunk("Hel"), chunk(finish="stop"), USAGE, DONE)
CUT = UpstreamBroken("cut", sent=True)


async def run(home: Reply, *, streamed: bool = False, deadlines: Deadlines | None = None) -> tuple[Fakes, Client]:
    fakes = Fakes(snapshot=policy(), upstream=FakeUpstream(home=home, away=whole()))
    fakes.changes = {"deadlines": deadlines} if deadlines else {}
    client = Client()
    await handle(inbound(ask(stream=streamed)), fakes.world, client)
    return fakes, client


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, "upstream_saturated"), (500, "upstream_error"), (401, "upstream_credentials")]
)
@pytest.mark.parametrize("pieces", [[CUT], [b"x" * 100_000], [b'{"error":', CUT]], ids=["cut", "large", "half"])
async def test_a_refusal_is_what_its_status_says_whatever_becomes_of_its_body(status, outcome, pieces):
    fakes, _ = await run(Reply(status, {"content-type": "application/json"}, pieces))
    assert (fakes.spool.settled[0].outcome, fakes.spool.settled[0].cost) == (outcome, 0)
    assert fakes.board.verdicts[0] == ("home", Verdict.FAILED, 1.0 if status == 429 else None)


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_a_refused_request_is_forgotten_at_once_not_when_the_collector_comes(status):
    refused = Reply(status, {"content-type": "application/json"}, [b'{"error":{"message":"no"}}'])

    def held() -> int:
        return sum(isinstance(one, Booking | Attempting) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = held()
        _, client = await run(refused)
        assert client.done
        assert held() == before
    finally:
        gc.enable()


async def test_a_refusal_whose_body_never_ends_is_a_refusal():
    reply = Reply(429, {"content-type": "application/json", "retry-after": "7"}, [anyio.sleep_forever])
    fakes, _ = await run(reply, deadlines=Deadlines(total=0.05))
    assert fakes.spool.settled[0].outcome == "upstream_saturated"
    assert fakes.board.verdicts[0] == ("home", Verdict.FAILED, 7.0)


@pytest.mark.parametrize("place", range(1, len(GOOD)))
async def test_a_deadline_that_falls_on_a_frame_settles_once_and_ends_the_answer(monkeypatch, place):
    timers = []

    class Caught(Deadline):
        def __init__(self, timer, *more):
            timers.append(timer)
            super().__init__(timer, *more)

    async def strike() -> None:
        timers[0].reschedule(0)

    monkeypatch.setattr(attempting, "Deadline", Caught)
    pieces = [*GOOD[:place], strike, *GOOD[place:]]
    fakes = Fakes(snapshot=policy(), upstream=FakeUpstream(home=stream(*pieces), away=stream(*GOOD)))
    client = Client()
    await handle(inbound(ask(stream=True)), fakes.world, client)
    assert client.done
    before_content = place == 1
    assert [one.outcome for one in fakes.spool.settled] == ["upstream_timeout"] + ["ok"] * before_content
    assert [one.id for one in fakes.spool.settled] == [one.id for one in fakes.spool.started]


async def test_a_client_that_goes_at_the_end_costs_the_server_no_connection(monkeypatch):
    monkeypatch.setattr(bodies, "DRAIN_S", 5.0)
    rest = []

    async def last_chunk() -> None:
        await anyio.sleep(0.01)
        rest.append("read")

    fakes = Fakes(snapshot=policy(), upstream=FakeUpstream(home=stream(*GOOD, last_chunk), away=whole()))
    client = Client()
    async with anyio.create_task_group() as group:

        async def gone(body: bytes) -> None:
            if body == DONE:  # what a server reports once a response is complete
                group.cancel_scope.cancel()

        finish = client.finish

        async def finished(body: bytes = b"") -> None:
            await finish(body)
            await gone(body)

        client.finish = finished
        group.start_soon(partial(handle, inbound(ask(stream=True)), fakes.world, client))
    assert client.done
    assert rest == ["read"]
    assert fakes.board.verdicts == [("home", Verdict.HEALTHY, None)]
    assert fakes.spool.finished.status == 200


@pytest.mark.parametrize(
    ("deadlines", "verdict"),
    [(Deadlines(total=0.3), Verdict.HEALTHY), (Deadlines(idle=0.1), Verdict.FAILED)],
    ids=["our total is over", "it fell silent"],
)
async def test_a_long_answer_that_our_own_total_ends_is_not_the_servers_fault(deadlines, verdict):
    talks = [piece for _ in range(200) for piece in (chunk("x"), partial(anyio.sleep, 0.02))]
    pieces = talks if verdict is Verdict.HEALTHY else [chunk("x"), anyio.sleep_forever]
    fakes, _ = await run(stream(ROLE, *pieces), streamed=True, deadlines=deadlines)
    assert fakes.spool.settled[0].outcome == "upstream_timeout"
    assert fakes.board.verdicts == [("home", verdict, None)]
