"""Accounting as a scope: whatever ends a request, its books are closed once."""

import asyncio

import anyio
import pytest
from support.fakes import (
    DONE,
    FULL_QUEUE,
    ROLE,
    USAGE,
    USD,
    Client,
    Fakes,
    FakeSpool,
    FakeUpstream,
    State,
    ask,
    budget,
    chunk,
    completion,
    inbound,
    policy,
    stream,
    whole,
)

from gateway.domain.errors import BudgetExceeded, LedgerUnavailable, UpstreamError
from gateway.domain.records import AttemptStarted, DecisionMade, Finished, Settled
from gateway.failover.breaker import Verdict
from gateway.pipeline import booking as module
from gateway.pipeline.handle import handle
from gateway.ports import UpstreamBroken

pytestmark = pytest.mark.anyio

GOOD = (ROLE, chunk("Hel"), chunk("lo"), chunk(finish="stop"), USAGE, DONE)


class RemoteState(State):
    """State that is far away: every call may be cancelled before and after it took effect."""

    here = False

    async def admit(self, *asked):
        await anyio.lowlevel.checkpoint()
        admission = await super().admit(*asked)
        await anyio.lowlevel.checkpoint()
        return admission

    async def settle(self, *asked):
        await anyio.lowlevel.checkpoint()
        await super().settle(*asked)
        await anyio.lowlevel.checkpoint()


def upstreams() -> dict[str, FakeUpstream]:
    return {
        "stream": FakeUpstream(home=stream(*GOOD)),
        "whole": FakeUpstream(home=whole()),
        "failover": FakeUpstream(home=stream(FULL_QUEUE, DONE), away=stream(*GOOD)),
        "late": FakeUpstream(home=stream(ROLE, chunk("x"), UpstreamBroken("x", sent=True))),
        "refused": FakeUpstream(home=whole({"error": {}}, status=500), away=whole({"error": {}}, status=500)),
    }


def remote(upstream: FakeUpstream) -> Fakes:
    fakes = Fakes(snapshot=policy(teams=budget(100)), upstream=upstream)
    fakes.state = RemoteState(fakes.clock)
    return fakes


def assert_closed(fakes: Fakes) -> None:
    """One settlement an attempt, one end a request, nothing held, nothing running, all charges booked."""
    spool = fakes.spool
    assert sorted(record.id for record in spool.started) == sorted(record.id for record in spool.settled)
    if spool.records:
        assert len(spool.of(DecisionMade)) == len(spool.of(Finished)) == 1
        assert spool.finished.cost == sum(record.cost for record in spool.settled)
        assert len(fakes.observer.exchanges) == 1
    assert fakes.held == 0
    assert fakes.board.running == 0
    assert fakes.upstream.open_now == 0
    assert fakes.state.spent("t") == sum(record.cost for record in spool.settled)


async def hang_up_after(rounds: int, fakes: Fakes, client: Client, *, streamed: bool) -> bool:
    """Serve a request whose client hangs up after so many rounds of the loop; True if it was done before."""
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:

            async def hang_up() -> None:
                for _ in range(rounds):
                    await asyncio.sleep(0)
                scope.cancel()

            group.start_soon(hang_up)
            await handle(inbound(ask(stream=streamed)), fakes.world, client)
            group.cancel_scope.cancel()
    return not scope.cancelled_caught


@pytest.mark.parametrize("scene", sorted(upstreams()))
async def test_hanging_up_at_any_await_leaves_closed_books(scene):
    for rounds in range(300):
        fakes, client = remote(upstreams()[scene]), Client()
        done = await hang_up_after(rounds, fakes, client, streamed=scene not in {"whole", "refused"})
        assert_closed(fakes)
        assert not (client.done and any(record.client_closed for record in fakes.spool.of(Finished)))
        if done:
            return
    pytest.fail("the request never came to its end")


async def test_hanging_up_is_reported_as_499_and_bills_what_was_counted():
    fakes, client = remote(FakeUpstream(home=stream(ROLE, chunk("a"), chunk("b"), anyio.sleep_forever))), Client()
    async with anyio.create_task_group() as group:

        async def hang_up(_: bytes) -> None:
            if chunk("b") in _:
                group.cancel_scope.cancel()

        client.on_send = hang_up
        await handle(inbound(ask(stream=True)), fakes.world, client)
    (settled,), finished = fakes.spool.settled, fakes.spool.finished
    assert (settled.outcome, settled.usage.output_tokens, settled.usage.estimated) == ("client_closed", 2, True)
    assert settled.usage.input_tokens > 0
    assert (finished.status, finished.error, finished.client_closed) == (499, "client_closed", True)
    assert finished.target == "home"
    assert fakes.board.verdicts == [("home", Verdict.HEALTHY, None)]


async def test_hanging_up_before_the_upstream_said_anything_bills_its_prompt_and_judges_nobody():
    fakes = remote(FakeUpstream(home=stream(anyio.sleep_forever)))
    assert not await hang_up_after(50, fakes, Client(), streamed=True)
    (settled,) = fakes.spool.settled
    assert settled.outcome == "client_closed"
    assert settled.cost > 0
    assert fakes.board.verdicts == [("home", Verdict.UNKNOWN, None)]


async def test_records_stand_in_the_order_in_which_things_happened():
    fakes = remote(upstreams()["failover"])
    await handle(inbound(ask(stream=True)), fakes.world, Client())
    assert fakes.spool.kinds == ["decision", "attempt", "settled", "attempt", "settled", "finished"]
    assert [record.number for record in fakes.spool.started] == [1, 2]
    assert fakes.spool.finished.attempts == 2


async def test_an_attempt_is_recorded_before_a_byte_goes_out():
    fakes = remote(upstreams()["whole"])
    seen = []

    async def look() -> None:
        seen.append(fakes.spool.kinds)

    fakes.upstream.replies["home"][0].before = look
    await handle(inbound(), fakes.world, Client())
    assert seen == [["decision", "attempt"]]


class TestOneWrite:
    """What ends a request is one write, unless something is awaited in between; and nothing is lost by it."""

    @pytest.fixture
    def writes(self, monkeypatch):
        seen, append = [], FakeSpool.append

        def noted(spool, *records):
            append(spool, *records)
            seen.append([record.kind for record in records])

        monkeypatch.setattr(FakeSpool, "append", noted)
        return seen

    @pytest.mark.parametrize("name", ["whole", "stream"])
    async def test_a_served_request_is_two_writes(self, writes, name):
        fakes = Fakes(snapshot=policy(teams=budget(100)), upstream=upstreams()[name])
        await handle(inbound(ask(stream=name == "stream")), fakes.world, Client())
        assert writes == [["decision", "attempt"], ["settled", "finished"]]
        assert_closed(fakes)

    async def test_a_hold_that_is_given_back_over_a_network_comes_after_the_settlement_is_written(self, writes):
        await handle(inbound(ask()), remote(upstreams()["whole"]).world, Client())
        assert writes == [["decision", "attempt"], ["settled"], ["finished"]]

    async def test_a_failed_attempt_is_settled_on_the_disk_before_the_next_is_tried(self, writes):
        fakes = Fakes(snapshot=policy(teams=budget(100)), upstream=upstreams()["failover"])
        await handle(inbound(ask(stream=True)), fakes.world, Client())
        assert writes == [["decision", "attempt"], ["settled"], ["attempt"], ["settled", "finished"]]
        assert_closed(fakes)

    async def test_a_settlement_is_written_even_if_its_end_cannot_be_made(self, writes, monkeypatch):
        def broken(*_, **__):
            raise LookupError

        fakes = Fakes(snapshot=policy(teams=budget(100)), upstream=upstreams()["whole"])
        monkeypatch.setattr(module, "finished_of", broken)
        with pytest.raises(LookupError):
            await handle(inbound(ask()), fakes.world, Client())
        assert writes == [["decision", "attempt"], ["settled"]]
        assert fakes.held == 0

    @pytest.mark.parametrize(("refused", "written"), [(Settled, "finished"), (Finished, "settled")])
    async def test_a_disk_that_takes_only_one_of_them_gets_that_one_and_withholds_the_answer(self, refused, written):
        fakes, client = Fakes(snapshot=policy(teams=budget(100)), upstream=upstreams()["whole"]), Client()
        fakes.spool.refuse = lambda record: isinstance(record, refused)
        await handle(inbound(ask()), fakes.world, client)
        assert (client.status, client.code) == (503, "ledger_unavailable")
        assert [record.kind for record in fakes.spool.kept] == [refused.kind]
        assert fakes.spool.kinds == ["decision", "attempt", written]
        assert fakes.held == 0


class TestLedgerAway:
    """A call that cannot be booked is not made."""

    async def test_an_attempt_that_cannot_be_recorded_is_not_made_and_holds_nothing(self):
        fakes, client = remote(upstreams()["whole"]), Client()
        fakes.spool.refuse = lambda record: isinstance(record, AttemptStarted)
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.code) == (503, "ledger_unavailable")
        assert not fakes.upstream.calls
        assert_closed(fakes)

    async def test_nothing_at_all_can_be_recorded_and_metrics_hear_of_it_all_the_same(self):
        fakes, client = remote(upstreams()["whole"]), Client()
        fakes.spool.refuse = lambda _: True
        await handle(inbound(), fakes.world, client)
        assert client.status == 503
        assert fakes.held == 0
        assert [exchange.finished.error for exchange in fakes.observer.exchanges] == ["ledger_unavailable"]

    async def test_a_settlement_that_cannot_be_written_is_no_answer_but_releases_the_hold_at_its_cost(self):
        fakes, client = remote(upstreams()["whole"]), Client()
        fakes.spool.refuse = lambda record: isinstance(record, Settled)
        await handle(inbound(), fakes.world, client)
        assert client.status == 503
        assert fakes.held == 0
        assert fakes.state.spent("t") > 0

    async def test_a_settlement_that_cannot_be_written_waits_in_memory(self):
        fakes, client = remote(upstreams()["whole"]), Client()
        fakes.spool.refuse = lambda record: isinstance(record, Settled)
        await handle(inbound(), fakes.world, client)
        assert client.status == 503
        assert [record.kind for record in fakes.spool.kept] == ["settled"]

    async def test_local_calls_continue_with_books_in_memory_if_so_configured(self):
        fakes, client = Fakes(upstream=upstreams()["whole"], changes={"on_ledger_lost": "local_only"}), Client()
        fakes.spool.refuse = lambda _: True
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.headers["x-gateway-zone"]) == (200, "local")
        assert [record.kind for record in fakes.spool.kept] == ["decision", "attempt", "settled", "finished"]

    async def test_closed_calls_do_not_go_on_even_then_and_nothing_of_them_fills_the_memory(self):
        closed = policy(models=[{"name": "auto", "candidates": ["away"]}])
        fakes = Fakes(snapshot=closed, upstream=upstreams()["whole"], changes={"on_ledger_lost": "local_only"})
        fakes.spool.refuse, client = (lambda _: True), Client()
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.code) == (503, "ledger_unavailable")
        assert not fakes.upstream.calls
        assert not fakes.spool.kept

    async def test_a_request_that_a_closed_target_would_serve_first_goes_to_a_local_one(self):
        first = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
        fakes = Fakes(snapshot=policy(rules=first), upstream=upstreams()["whole"])
        fakes.changes, client = {"on_ledger_lost": "local_only"}, Client()
        fakes.spool.refuse = lambda _: True
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.headers["x-gateway-target"]) == (200, "home")
        assert client.headers["x-gateway-reason"] == "failover"
        assert [record.kind for record in fakes.spool.kept] == ["decision", "attempt", "settled", "finished"]

    async def test_a_local_call_is_refused_once_the_memory_is_full_too(self):
        fakes, client = Fakes(upstream=upstreams()["whole"], changes={"on_ledger_lost": "local_only"}), Client()
        fakes.spool.refuse, fakes.spool.keeps = (lambda _: True), False
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.code) == (503, "ledger_unavailable")
        assert not fakes.upstream.calls

    async def test_books_that_cannot_be_closed_do_not_hide_the_error_before_them(self):
        fakes, client = remote(FakeUpstream(home=whole({"error": {"message": "no"}}, status=400))), Client()
        fakes.spool.refuse = lambda record: isinstance(record, Finished)
        await handle(inbound(), fakes.world, client)
        assert (client.status, client.code) == (400, "invalid_request")
        assert len(fakes.observer.exchanges) == 1

    async def test_a_hang_up_stays_one_if_its_books_cannot_be_closed(self):
        fakes = remote(FakeUpstream(home=stream(anyio.sleep_forever)))
        fakes.spool.refuse = lambda record: isinstance(record, Settled | Finished)
        assert not await hang_up_after(50, fakes, Client(), streamed=True)
        assert fakes.held == 0

    async def test_a_hold_is_given_back_even_if_recording_fails_in_a_way_nobody_thought_of(self):
        fakes = remote(upstreams()["whole"])

        def broken(record):
            raise TypeError

        fakes.spool.refuse = broken
        with pytest.raises(TypeError):
            await handle(inbound(), fakes.world, Client())
        assert fakes.held == 0

    async def test_a_disk_that_never_answers_does_not_keep_a_client_that_hung_up(self, monkeypatch):
        monkeypatch.setattr(module, "LAST_WORDS_S", 0.0)
        fakes = remote(FakeUpstream(home=stream(ROLE, chunk("x"), anyio.sleep_forever)))
        fakes.spool.gate = anyio.Event()
        assert not await hang_up_after(60, fakes, Client(), streamed=True)
        assert len(fakes.spool.settled) == 1


class TestHolds:
    """What is kept from a budget while a call runs."""

    async def test_the_hold_is_there_while_the_call_runs_and_its_cost_after(self):
        fakes = remote(upstreams()["whole"])
        seen = []

        async def look() -> None:
            seen.append(fakes.held)

        fakes.upstream.replies["home"][0].before = look
        await handle(inbound(), fakes.world, Client())
        assert seen == [fakes.spool.started[0].hold]
        assert_closed(fakes)
        assert fakes.state.spent("t") == 10_000

    async def test_a_team_without_a_budget_holds_nothing(self):
        fakes = Fakes(upstream=upstreams()["whole"])
        await handle(inbound(), fakes.world, Client())
        assert fakes.state.spent("t") == 0
        assert fakes.spool.settled[0].cost == 10_000

    async def test_a_budget_of_closed_calls_does_not_count_local_ones(self):
        fakes = Fakes(snapshot=policy(teams=budget(100, covers="closed")), upstream=upstreams()["whole"])
        await handle(inbound(), fakes.world, Client())
        assert fakes.state.spent("t") == 0

    async def test_an_exhausted_budget_that_says_local_only_never_refuses_a_local_call(self):
        teams = budget(100, on_exhausted="local_only")
        fakes = Fakes(snapshot=policy(teams=teams), upstream=upstreams()["whole"], spent={"t": 100 * USD})
        client = Client()
        await handle(inbound(), fakes.world, client)
        assert client.status == 200
        assert fakes.held == 0

    async def test_usage_above_its_hold_is_booked_in_full(self):
        usage = {"prompt_tokens": 10**6, "completion_tokens": 10**6}
        fakes = remote(FakeUpstream(home=whole(completion(usage=usage))))
        await handle(inbound(), fakes.world, Client())
        assert fakes.state.spent("t") == 2 * USD > fakes.spool.started[0].hold


async def test_an_error_of_ours_between_attempts_is_the_outcome():
    fakes = Fakes(upstream=upstreams()["whole"])

    async def bug() -> None:
        raise LookupError

    fakes.upstream.replies["home"][0].before = bug
    with pytest.raises(LookupError):
        await handle(inbound(), fakes.world, Client())
    assert fakes.spool.settled[0].outcome == "internal_error"
    assert (fakes.spool.finished.status, fakes.spool.finished.error) == (500, "internal_error")


async def test_the_cost_at_the_most_expensive_and_at_the_reference_target_is_reported():
    teams = [{"id": "t", "default_class": "public", "reference": "away"}]
    fakes = Fakes(snapshot=policy(teams=teams), upstream=upstreams()["whole"])
    await handle(inbound(), fakes.world, Client())
    finished = fakes.spool.finished
    assert (finished.cost, finished.dearest, finished.reference) == (10_000, 20_000, 20_000)
    assert finished.reference_target == "away"


async def test_leaving_without_a_word_writes_a_success_and_raises_what_the_ledger_says(monkeypatch):
    fakes = Fakes(upstream=upstreams()["whole"])

    class Silent:
        def __init__(self, *_):
            pass

        async def run(self):
            return None

    monkeypatch.setattr("gateway.pipeline.handle.Dispatch", Silent)
    await handle(inbound(), fakes.world, Client())
    assert (fakes.spool.finished.status, fakes.spool.finished.attempts) == (200, 0)
    fakes = Fakes(upstream=upstreams()["whole"])
    fakes.spool.refuse = lambda _: True
    client = Client()
    await handle(inbound(), fakes.world, client)
    assert client.status == 503


@pytest.mark.parametrize("jump", [-400 * 86_400, -3600, 3600, 400 * 86_400])
async def test_a_wall_clock_that_is_set_meanwhile_changes_neither_cost_nor_duration_nor_the_number_of_settlements(jump):
    async def served(seconds: int) -> Settled:
        fakes = remote(upstreams()["stream"])

        async def set_the_clock() -> None:
            fakes.clock.wall += seconds * 10**9

        fakes.upstream.replies["home"][0].before = set_the_clock
        await handle(inbound(ask(stream=True)), fakes.world, Client())
        assert (len(fakes.spool.settled), fakes.held) == (1, 0)
        return fakes.spool.settled[0]

    moved, steady = await served(jump), await served(0)
    assert moved.at // 10**12 != steady.at // 10**12
    assert (moved.cost, moved.duration, moved.usage) == (steady.cost, steady.duration, steady.usage)


def test_errors_keep_their_code_and_status_in_the_books():
    assert module._ending(UpstreamError("x")) == (502, "upstream_error")
    assert module._ending(BudgetExceeded("x")) == (429, "budget_exceeded")
    assert module._ending(LedgerUnavailable("x")) == (503, "ledger_unavailable")
    assert module._ending(asyncio.CancelledError()) == (499, "client_closed")
    assert module._ending(KeyError()) == (500, "internal_error")
    assert module._ending(None) == (200, "")


async def test_a_bug_in_the_books_themselves_is_raised_and_shown_to_nobody(monkeypatch):
    def bug(*_, **__):
        raise LookupError

    monkeypatch.setattr(module, "finished_of", bug)
    fakes = Fakes(upstream=upstreams()["whole"])
    with pytest.raises(LookupError):
        await handle(inbound(), fakes.world, Client())
    assert not fakes.observer.exchanges
