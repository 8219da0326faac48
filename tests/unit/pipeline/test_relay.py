"""The answer's way back, driven through the whole pipeline with a scripted upstream."""

import json

import anyio
import pytest
from support.fakes import (
    BLOCK_START,
    BLOCK_STOP,
    CHAT,
    DONE,
    FULL_QUEUE,
    MESSAGE_DELTA,
    MESSAGE_START,
    MESSAGE_STOP,
    MESSAGES,
    ROLE,
    TEXT_DELTA,
    USAGE,
    Client,
    Fakes,
    FakeUpstream,
    Reply,
    ask,
    chunk,
    closed,
    completion,
    event,
    inbound,
    local,
    message,
    named,
    policy,
    stream,
    whole,
)

from gateway.domain.errors import LedgerUnavailable
from gateway.pipeline import bodies
from gateway.pipeline.handle import handle
from gateway.ports import UpstreamBroken
from gateway.wire import sse

pytestmark = pytest.mark.anyio

GOOD = (ROLE, chunk("Hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE)
SEEN = b"".join((ROLE, chunk("Hel"), chunk("lo"), chunk(finish="stop"), DONE))
GOOD_MESSAGES = (MESSAGE_START, BLOCK_START, TEXT_DELTA, BLOCK_STOP, MESSAGE_DELTA, MESSAGE_STOP)


@pytest.fixture(autouse=True, params=[True, False], ids=["at once", "by the task"])
def at_once(request, monkeypatch) -> bool:
    """Run each test with pieces passed on where they arrive, and with a client that the call's task must wait for."""
    if not request.param:
        monkeypatch.setattr(Client, "room", False)
    return request.param


async def run(fakes: Fakes, client: Client | None = None, dialect=CHAT, **body) -> Client:
    client = client or Client()
    await handle(inbound(ask(stream=True) | body, dialect), fakes.world, client)
    return client


def fakes_with(home, away=None) -> Fakes:
    replies = {"home": home} | ({} if away is None else {"away": away})
    return Fakes(upstream=FakeUpstream(**replies))


class TestStream:
    """A stream goes through as bytes."""

    async def test_what_the_upstream_sent_is_what_the_client_gets_but_for_usage_it_did_not_ask_for(self):
        fakes = fakes_with(stream(*GOOD))
        client = await run(fakes)
        assert client.body == SEEN
        assert client.done
        assert fakes.spool.settled[0].usage.input_tokens == 7
        assert not fakes.spool.settled[0].usage.estimated

    async def test_who_asks_for_usage_gets_it_byte_for_byte(self):
        client = await run(fakes_with(stream(*GOOD)), stream_options={"include_usage": True})
        assert client.body == b"".join(GOOD)

    async def test_messages_go_through_byte_for_byte(self):
        client = await run(fakes_with(stream(*GOOD_MESSAGES)), dialect=MESSAGES)
        assert client.body == b"".join(GOOD_MESSAGES)

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 100_000])
    async def test_it_is_the_same_however_the_bytes_were_cut(self, size):
        data = b"".join(GOOD)
        fakes = fakes_with(stream(*(data[at : at + size] for at in range(0, len(data), size))))
        assert (await run(fakes)).body == SEEN
        assert fakes.spool.settled[0].finish == "stop"

    async def test_headers_tell_what_was_decided_and_nothing_of_the_upstream(self):
        reply = stream(*GOOD)
        reply.headers |= {"server": "uvicorn", "set-cookie": "a=b", "x-request-id": "r1", "x-internal": "secret"}
        client = await run(fakes_with(reply))
        assert client.headers["x-gateway-target"] == "home"
        assert client.headers["x-upstream-request-id"] == "r1"
        assert client.headers["x-request-id"] == client.headers["request-id"] == "dec_1"
        assert client.headers["content-type"].startswith("text/event-stream")
        assert not {"server", "set-cookie", "x-internal"} & set(client.headers)

    async def test_lifecycle_frames_are_held_back_until_content_comes(self):
        client = Client()
        seen = []

        async def look() -> None:
            seen.append(client.status)

        fakes = fakes_with(stream(b": ping\n\n", ROLE, look, chunk("x"), look, chunk(finish="stop"), DONE))
        await run(fakes, client)
        assert seen == [0, 200]
        assert client.body.startswith(b": ping\n\n" + ROLE)

    async def test_the_terminal_frame_goes_out_only_after_its_settlement_is_durable(self):
        fakes = fakes_with(stream(*GOOD))
        fakes.spool.gate = anyio.Event()
        client = Client()
        async with anyio.create_task_group() as group:
            group.start_soon(run, fakes, client)
            await fakes.spool.waiting.wait()
            await anyio.wait_all_tasks_blocked()
            assert client.body == SEEN.removesuffix(DONE)
            assert [settled.outcome for settled in fakes.spool.settled] == ["ok"]
            assert not client.done
            fakes.spool.gate.set()
        assert client.body == SEEN
        assert client.done

    async def test_a_ledger_that_cannot_make_it_durable_cuts_the_answer_before_its_terminal_frame(self):
        fakes = fakes_with(stream(*GOOD))
        fakes.spool.commit_fails = True
        client = Client()
        with pytest.raises(LedgerUnavailable):
            await run(fakes, client)
        assert not client.done
        assert DONE not in client.body
        assert len(fakes.spool.settled) == 1
        assert len(fakes.observer.exchanges) == 1

    async def test_what_follows_the_terminal_frame_is_not_passed_on(self):
        client = await run(fakes_with(stream(*GOOD, chunk("evil"), UpstreamBroken("x", sent=True))))
        assert client.body == SEEN

    async def test_an_upstream_that_never_ends_after_its_terminal_frame_keeps_nobody_waiting(self, monkeypatch):
        monkeypatch.setattr(bodies, "DRAIN_S", 0.0)
        client = await run(fakes_with(stream(*GOOD, anyio.sleep_forever)))
        assert client.done

    async def test_a_stream_without_done_whose_finish_was_seen_is_whole(self):
        fakes = fakes_with(stream(ROLE, chunk("x"), chunk(finish="stop"), USAGE))
        client = await run(fakes)
        assert client.done
        assert fakes.spool.settled[0].outcome == "ok"
        assert client.body == ROLE + chunk("x") + chunk(finish="stop")

    async def test_an_answer_of_no_content_but_a_finish_is_an_answer(self):
        fakes = fakes_with(stream(ROLE, chunk(finish="stop"), USAGE, DONE))
        client = await run(fakes)
        assert client.body == ROLE + chunk(finish="stop") + DONE
        assert fakes.spool.settled[0].outcome == "ok"

    async def test_a_finish_without_content_and_without_done_is_an_answer(self):
        client = await run(fakes_with(stream(ROLE, chunk(finish="length"))))
        assert client.body == ROLE + chunk(finish="length")

    async def test_a_bug_in_passing_a_piece_on_is_a_bug_and_not_the_upstreams_fault(self, at_once, monkeypatch):
        def broken(_client, _body):
            raise ZeroDivisionError

        monkeypatch.setattr(Client, "pass_on", broken)
        fakes = fakes_with(stream(*GOOD))
        if at_once:
            with pytest.raises(ZeroDivisionError):
                await run(fakes)
            assert fakes.spool.settled[0].outcome == "internal_error"
        else:
            assert (await run(fakes)).body == SEEN


class TestBeforeContent:
    """Until the first content another target may answer, and the client sees one answer only."""

    @pytest.mark.parametrize(
        "broken",
        [
            [FULL_QUEUE, DONE],
            [ROLE, FULL_QUEUE],
            [ROLE],
            [ROLE, UpstreamBroken("cut", sent=True)],
            [b": ping\n\n", DONE],
            [DONE],
            [],
            [b"data: {nonsense\n\n"],
            [b"data: 7\n\n"],
            [b"data: {", UpstreamBroken("cut", sent=True)],
            [event({"object": "error", "message": "boom", "code": 500})],
            [ROLE, b"data: x"],
        ],
    )
    async def test_a_stream_that_fails_before_content_fails_over(self, broken):
        fakes = fakes_with(stream(*broken), stream(*GOOD))
        client = await run(fakes)
        assert client.body == SEEN
        assert client.headers["x-gateway-target"] == "away"
        assert client.headers["x-gateway-reason"] == "failover"
        assert [settled.outcome == "ok" for settled in fakes.spool.settled] == [False, True]

    async def test_an_error_right_behind_content_in_one_piece_is_still_before_content(self):
        fakes = fakes_with(stream(ROLE + chunk("lost") + FULL_QUEUE), stream(*GOOD))
        assert (await run(fakes)).body == SEEN

    @pytest.mark.parametrize(
        "broken",
        [
            [named("error", error={"type": "overloaded_error", "message": "Overloaded"})],
            [MESSAGE_START, BLOCK_START, named("error", error={"type": "api_error", "message": "x"})],
            [MESSAGE_START, named("ping")],
            [MESSAGE_START, BLOCK_START, MESSAGE_STOP],
        ],
    )
    async def test_messages_that_fail_before_content_fail_over_with_one_message_start(self, broken):
        fakes = fakes_with(stream(*broken), stream(*GOOD_MESSAGES))
        fakes.snapshot = policy(targets=[local("home"), closed("away", kind="anthropic")])
        client = await run(fakes, dialect=MESSAGES)
        assert client.body == b"".join(GOOD_MESSAGES)
        assert client.body.count(b"event: message_start") == 1

    async def test_a_full_queue_costs_nothing_although_it_came_in_a_200(self):
        fakes = fakes_with(stream(FULL_QUEUE, DONE), stream(*GOOD))
        await run(fakes)
        assert fakes.spool.settled[0].outcome == "upstream_saturated"
        assert fakes.spool.settled[0].cost == 0
        assert fakes.spool.settled[1].cost > 0

    async def test_pings_without_end_are_no_way_to_fill_the_memory(self):
        many = b": ping\n\n" * 40_000
        fakes = fakes_with(stream(many, anyio.sleep_forever), stream(*GOOD))
        assert (await run(fakes)).body == SEEN

    async def test_an_event_without_end_is_no_way_to_fill_the_memory(self, monkeypatch):
        monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
        fakes = fakes_with(stream(b"data: " + b"x" * 2000, anyio.sleep_forever), stream(*GOOD))
        assert (await run(fakes)).body == SEEN

    async def test_html_in_place_of_a_stream_fails_over(self):
        fakes = fakes_with(Reply(200, {"content-type": "text/html"}, [b"<html>"]), stream(*GOOD))
        assert (await run(fakes)).body == SEEN


class TestAfterContent:
    """After the first content an error is reported in the stream, once, and no other target is called."""

    @pytest.mark.parametrize(
        "rest",
        [
            [UpstreamBroken("cut", sent=True)],
            [],
            [event({"error": {"message": "boom at http://10.0.0.1/x"}})],
            [chunk("more") + event({"error": {"message": "boom at http://10.0.0.1/x"}})],
            [b"data: {nonsense\n\n"],
            [b"data: {"],
        ],
    )
    async def test_one_error_event_ends_the_stream_and_the_attempt_is_billed(self, rest):
        fakes = fakes_with(stream(ROLE, chunk("Hel"), *rest), stream(*GOOD))
        client = await run(fakes)
        *_, last, rest_of_it = client.body.split(b"\n\n")
        error = json.loads(last.removeprefix(b"data: "))["error"]
        assert (rest_of_it, error["code"], error["decision_id"]) == (b"", "upstream_error", "dec_1")
        assert client.body.count(b'"error"') == 1
        assert b"10.0.0.1" not in client.body
        assert client.done
        assert fakes.upstream.asked == ["home"]
        (settled,) = fakes.spool.settled
        assert (settled.outcome, settled.usage.estimated) == ("upstream_error", True)
        assert settled.cost > 0
        assert fakes.spool.finished.error == "upstream_error"

    async def test_messages_get_an_error_event_of_their_own(self):
        fakes = fakes_with(stream(MESSAGE_START, BLOCK_START, TEXT_DELTA, named("error", error={"message": "x"})))
        client = await run(fakes, dialect=MESSAGES)
        assert client.body.startswith(MESSAGE_START + BLOCK_START + TEXT_DELTA + b"event: error\ndata: ")
        assert json.loads(client.body.split(b"data: ")[-1])["type"] == "error"

    async def test_both_attempts_are_billed_if_the_second_breaks_late(self):
        fakes = fakes_with(stream(ROLE, UpstreamBroken("x", sent=True)), stream(ROLE, chunk("a")))
        await run(fakes)
        assert [settled.outcome for settled in fakes.spool.settled] == ["upstream_error", "upstream_error"]
        assert all(settled.cost > 0 for settled in fakes.spool.settled)
        assert fakes.spool.finished.cost == sum(settled.cost for settled in fakes.spool.settled)

    async def test_an_event_without_end_ends_the_stream(self, monkeypatch):
        monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1000)
        client = await run(fakes_with(stream(ROLE, chunk("a"), b"data: " + b"x" * 2000, anyio.sleep_forever)))
        assert b'"upstream_error"' in client.body


class TestWhole:
    """An answer that is no stream is judged before a byte of it goes out."""

    async def test_bytes_go_through_untouched_with_the_cost_in_a_header(self):
        data = json.dumps(completion(), indent=3).encode()
        fakes = fakes_with(whole(data))
        client = await run(fakes, stream=False)
        assert client.body == data
        assert client.headers["content-length"] == str(len(data))
        assert client.headers["x-gateway-cost-usd"] == "0.00001"
        assert fakes.spool.durable == len(fakes.spool.records)

    async def test_messages_too(self):
        fakes = fakes_with(whole(message()))
        assert (await run(fakes, dialect=MESSAGES, stream=False)).json == message()
        assert fakes.spool.settled[0].response_model == "served-name"

    async def test_it_goes_out_only_after_its_settlement_is_durable(self):
        fakes = fakes_with(whole())
        fakes.spool.gate = anyio.Event()
        client = Client()
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: run(fakes, client, stream=False))
            await fakes.spool.waiting.wait()
            await anyio.wait_all_tasks_blocked()
            assert not client.status
            fakes.spool.gate.set()
        assert client.done

    async def test_a_ledger_that_cannot_make_it_durable_is_a_503_and_no_answer(self):
        fakes = fakes_with(whole())
        fakes.spool.commit_fails = True
        client = await run(fakes, stream=False)
        assert (client.status, client.code) == (503, "ledger_unavailable")

    @pytest.mark.parametrize(
        "reply",
        [
            whole(b"not json"),
            whole(b"[]"),
            whole(b"null"),
            whole({"object": "error", "message": "boom", "code": 500}),
            whole({"error": {"message": "queue is full", "code": 503}}),
            Reply(200, {"content-type": "application/json"}, [b'{"id"', UpstreamBroken("x", sent=True)]),
            Reply(200, {"content-type": "text/html"}, [b"<html>"]),
            Reply(200, {}, [b"{}"]),
            whole(b'{"choices":"x"}'),
        ],
    )
    async def test_what_is_no_answer_fails_over(self, reply):
        fakes = fakes_with(reply, whole())
        client = await run(fakes, stream=False)
        assert client.json == completion()
        assert client.headers["x-gateway-target"] == "away"

    async def test_an_error_of_the_caller_inside_a_200_is_the_callers(self):
        fakes = fakes_with(whole({"object": "error", "message": "bad", "code": 400}), whole())
        client = await run(fakes, stream=False)
        assert (client.status, client.code) == (400, "invalid_request")
        assert fakes.upstream.asked == ["home"]
        assert fakes.spool.settled[0].cost == 0

    async def test_an_answer_larger_than_the_limit_fails_over(self):
        fakes = fakes_with(whole(completion("x" * 5000)), whole())
        limits = fakes.world.limits
        fakes.changes["limits"] = type(limits)(answer_bytes=1000)
        assert (await run(fakes, stream=False)).json == completion()

    async def test_an_explicit_zero_stays_zero(self):
        fakes = fakes_with(whole(completion(usage={"prompt_tokens": 0, "completion_tokens": 0})))
        client = await run(fakes, stream=False)
        assert client.headers["x-gateway-cost-usd"] == "0.0"
        assert not fakes.spool.settled[0].usage.estimated

    async def test_without_usage_it_is_counted_and_marked(self):
        fakes = fakes_with(whole(completion(usage=None)))
        await run(fakes, stream=False)
        usage = fakes.spool.settled[0].usage
        assert usage.estimated
        assert usage.input_tokens > 0
        assert usage.output_tokens > 0

    async def test_numbers_beyond_64_bits_in_an_answer_are_no_crash(self):
        body = completion()
        body["choices"][0]["message"]["x"] = 10**30
        body["usage"]["prompt_tokens"] = 10**30
        client = await run(fakes_with(whole(body)), stream=False)
        assert client.status == 200
