"""Attempt after attempt, within what the decision permits."""

from functools import partial

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import (
    DONE,
    FULL_QUEUE,
    ROLE,
    USAGE,
    USD,
    Client,
    Fakes,
    FakeUpstream,
    Reply,
    ask,
    budget,
    chunk,
    closed,
    inbound,
    local,
    policy,
    stream,
    whole,
)

from gateway.domain.admission import StateUnavailable
from gateway.domain.records import AttemptStarted, DecisionMade
from gateway.failover.breaker import Verdict
from gateway.pipeline.handle import handle
from gateway.pipeline.payment import paying
from gateway.pipeline.world import Deadlines
from gateway.ports import ClientStalled, UpstreamBroken
from gateway.stores.state.memory import MemoryState

pytestmark = pytest.mark.anyio

GOOD = (ROLE, chunk("Hel"), chunk(finish="stop"), USAGE, DONE)
ERROR = {"error": {"message": "boom"}}


def refused() -> Reply:
    return Reply(before=UpstreamBroken("no connection", sent=False))


async def run(fakes: Fakes, **body) -> Client:
    client = Client()
    await handle(inbound(ask(**body)), fakes.world, client)
    return client


def scene(home, away, **changes) -> Fakes:
    return Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=home, away=away))


class TestFailures:
    """Which failures lead to another target, and which error the caller gets at the end."""

    @pytest.mark.parametrize("status", [401, 402, 403])
    async def test_our_own_credentials_are_our_fault_so_another_target_answers_and_an_alarm_is_raised(self, status):
        fakes = scene(whole(ERROR, status=status), whole())
        client = await run(fakes)
        assert (client.status, client.headers["x-gateway-target"]) == (200, "away")
        assert fakes.spool.settled[0].outcome == "upstream_credentials"
        assert fakes.spool.settled[0].cost == 0

    async def test_bad_credentials_are_never_reported_as_the_callers(self):
        client = await run(scene(whole(ERROR, status=401), whole(ERROR, status=401)))
        assert (client.status, client.code) == (502, "upstream_error")
        assert "boom" not in client.json["error"]["message"]

    @pytest.mark.parametrize("status", [400, 413, 422])
    async def test_what_is_wrong_with_the_request_is_not_asked_elsewhere(self, status):
        fakes = scene(whole(ERROR, status=status), whole())
        client = await run(fakes)
        assert (client.status, client.code) == (400, "invalid_request")
        assert "boom" in client.json["error"]["message"]
        assert fakes.upstream.asked == ["home"]
        assert fakes.board.verdicts == [("home", Verdict.HEALTHY, None)]
        assert fakes.spool.settled[0].cost == 0

    async def test_a_message_of_an_upstream_is_cleaned(self):
        reply = whole(
            {"object": "error", "message": 'bad\n  File "/srv/x.py", line 1 at http://10.1.2.3:30000'}, status=400
        )
        client = await run(scene(reply, whole()))
        assert "srv" not in client.body.decode()
        assert "10.1" not in client.body.decode()

    @pytest.mark.parametrize("status", [418, 500, 502, 504, 301, 204])
    async def test_other_statuses_fail_over(self, status):
        fakes = scene(whole(ERROR, status=status), whole())
        assert (await run(fakes)).status == 200
        assert fakes.board.verdicts[0] == ("home", Verdict.FAILED, None)

    @pytest.mark.parametrize("status", [404, 408, 409])
    async def test_a_call_that_was_not_served_says_nothing_of_the_servers_health(self, status):
        fakes = scene(whole(ERROR, status=status), whole())
        assert (await run(fakes)).status == 200
        assert fakes.board.verdicts[0] == ("home", Verdict.UNKNOWN, None)

    async def test_all_saturated_is_a_503_with_the_time_to_wait(self):
        fakes = scene(whole(ERROR, status=429, retry_after="7"), whole(ERROR, status=429, retry_after="9"))
        client = await run(fakes)
        assert (client.status, client.code, client.headers["retry-after"]) == (503, "no_healthy_target", "9")
        assert fakes.board.verdicts == [("home", Verdict.FAILED, 7.0), ("away", Verdict.FAILED, 9.0)]

    @pytest.mark.parametrize(
        ("value", "wait"), [("²", "1"), ("soon", "1"), ("0", "1"), ("9" * 30, "1"), ("999999999", None)]
    )
    async def test_a_senseless_retry_after_is_bounded_and_a_long_one_is_in_the_body_alone(self, value, wait):
        reply = whole(ERROR, status=429, retry_after=value)
        client = await run(scene(reply, reply))
        assert client.headers.get("retry-after") == wait
        assert client.json["error"]["retry_after_s"] == int(wait or 3600)

    async def test_the_last_cause_is_reported_when_all_attempts_are_spent(self):
        client = await run(scene(whole(ERROR, status=500), refused()))
        assert (client.status, client.code) == (502, "upstream_error")
        assert client.json["error"]["message"] == "2 attempt(s) failed; the last one: the target could not be reached"

    async def test_an_egress_that_is_away_says_nothing_of_the_vendor(self):
        away = Reply(before=UpstreamBroken("away", sent=False, egress=True))
        fakes = scene(whole(ERROR, status=500), away)
        client = await run(fakes)
        assert "the egress did not send it" in client.json["error"]["message"]
        assert fakes.board.verdicts[1] == ("away", Verdict.UNKNOWN, None)
        assert fakes.spool.settled[1].outcome == "egress_refused"
        assert fakes.spool.settled[1].cost == 0

    @pytest.mark.parametrize("tools", [[], [{"type": "web_search_20250305", "name": "web_search"}]])
    async def test_what_may_be_at_the_vendor_when_its_egress_ends_is_charged_as_it_was_held(self, tools):
        lost = Reply(before=UpstreamBroken("ended", sent=True, egress=True))
        fakes = scene(whole(ERROR, status=500), lost)
        client = await run(fakes, tools=tools) if tools else await run(fakes)
        settled, begun = fakes.spool.settled[1], fakes.spool.of(AttemptStarted)[1]
        assert "the egress ended before its answer came" in client.json["error"]["message"]
        assert fakes.board.verdicts[1] == ("away", Verdict.UNKNOWN, None)
        assert (settled.outcome, settled.usage.estimated, settled.usage.output_tokens) == ("unknown", True, 0)
        if tools:  # as often as it likes: what it may cost has no bound
            assert (settled.cost, settled.usage.input_tokens) == (begun.hold, 0)
        else:
            assert settled.usage.input_tokens == fakes.spool.of(DecisionMade)[0].facts["input_bytes"]
            assert 0 < settled.cost < begun.hold

    async def test_what_was_never_sent_costs_nothing_and_what_may_have_been_worked_on_does(self):
        fakes = scene(refused(), Reply(before=UpstreamBroken("closed", sent=True)))
        await run(fakes)
        first, second = fakes.spool.settled
        assert (first.outcome, first.cost) == ("upstream_refused", 0)
        assert (second.outcome, second.usage.estimated) == ("upstream_error", True)
        assert second.cost > 0

    async def test_another_server_of_the_same_target_is_asked_first(self):
        fakes = scene([refused(), whole()], whole())
        fakes.board.places["home"] = ("http://a:1", "http://b:1")
        client = await run(fakes)
        assert [call.endpoint for call in fakes.upstream.calls] == ["http://a:1", "http://b:1"]
        assert client.headers["x-gateway-target"] == "home"
        assert client.headers["x-gateway-reason"] == "order"

    async def test_each_attempt_says_why_it_is_made(self):
        fakes = scene([refused(), refused()], whole())
        fakes.board.places["home"] = ("http://a:1", "http://b:1")
        await run(fakes)
        kinds = ["primary", "retry", "failover"]
        assert [record.attempt_kind for record in fakes.spool.started] == kinds
        assert [(call.kind, call.team, call.exceptions) for call in fakes.upstream.calls] == [
            (kind, "t", ()) for kind in kinds
        ]


class TestTimeouts:
    """First token, idle, total: each is reported as what it is, and the books are closed."""

    def timed(self, fakes: Fakes, **seconds: float) -> Fakes:
        fakes.changes["deadlines"] = Deadlines(**({"first_token": 60.0, "idle": 60.0, "total": 60.0} | seconds))
        return fakes

    async def test_no_first_token_in_time_asks_the_next_target_and_bills_what_may_have_been_worked_on(self):
        fakes = self.timed(scene(stream(ROLE, anyio.sleep_forever), stream(*GOOD)), first_token=0.3)
        client = await run(fakes, stream=True)
        assert client.headers["x-gateway-target"] == "away"
        assert fakes.spool.settled[0].outcome == "upstream_timeout"
        assert fakes.spool.settled[0].cost > 0
        assert fakes.board.verdicts[0] == ("home", Verdict.FAILED, None)

    async def test_a_server_that_does_not_even_answer_may_have_worked(self):
        fakes = self.timed(scene(Reply(before=anyio.sleep_forever), stream(*GOOD)), first_token=0.3)
        await run(fakes, stream=True)
        assert fakes.spool.settled[0].cost > 0
        assert fakes.spool.settled[0].status == 0

    async def test_silence_after_content_ends_the_stream_with_an_error(self):
        fakes = self.timed(scene(stream(ROLE, chunk("x"), anyio.sleep_forever), stream(*GOOD)), idle=0.01)
        client = await run(fakes, stream=True)
        assert client.body.startswith(ROLE + chunk("x") + b'data: {"error"')
        assert fakes.upstream.asked == ["home"]
        assert fakes.spool.settled[0].outcome == "upstream_timeout"

    async def test_pings_do_not_count_as_content(self):
        pings = [piece for _ in range(200) for piece in (b": ping\n\n", partial(anyio.sleep, 0.007))]
        fakes = self.timed(scene(stream(ROLE, chunk("x"), *pings, DONE), stream(*GOOD)), idle=0.05)
        client = await run(fakes, stream=True)
        assert fakes.spool.settled[0].outcome == "upstream_timeout"
        assert b'"code":"upstream_timeout"' in client.body or b"stopped sending" in client.body
        assert 0 < client.body.count(b": ping") < 200

    async def test_the_total_bounds_all_attempts_together(self):
        # Long enough for a busy machine to begin the second attempt, which then never ends.
        fakes = self.timed(scene(whole(ERROR, status=500), Reply(before=anyio.sleep_forever)), total=1.0)
        client = await run(fakes)
        assert (client.status, client.code) == (504, "upstream_timeout")

    async def test_no_attempt_is_begun_when_the_time_is_over(self):
        fakes = self.timed(scene(Reply(before=anyio.sleep_forever), whole()), total=0.01)
        client = await run(fakes)
        assert (client.status, fakes.upstream.asked) == (504, ["home"])

    async def test_a_targets_own_total_counts_for_its_streams(self):
        targets = [local("home", timeouts={"total": 0.01, "first_token": 60, "idle": 60}), closed("away")]
        fakes = self.timed(scene(stream(ROLE, chunk("x"), anyio.sleep_forever), stream(*GOOD), targets=targets))
        await run(fakes, stream=True)
        assert fakes.spool.settled[0].outcome == "upstream_timeout"

    async def test_a_ledger_slower_than_the_timeout_settles_once_and_answers(self):
        late = stream(ROLE, chunk("x"), UpstreamBroken("cut", sent=True))
        wrong = stream(ROLE, chunk("x"), FULL_QUEUE)
        for streamed, reply in ((False, whole()), (True, stream(*GOOD)), (True, late), (True, wrong)):
            fakes = self.timed(scene(reply, whole()), total=0.05, idle=0.05, first_token=0.05)
            fakes.spool.gate = anyio.Event()
            client = Client()
            async with anyio.create_task_group() as group:
                group.start_soon(handle, inbound(ask(stream=streamed)), fakes.world, client)
                await fakes.spool.waiting.wait()
                with anyio.move_on_after(0.1):
                    await anyio.sleep_forever()
                fakes.spool.gate.set()
            assert client.status == 200
            assert client.done
            assert len(fakes.spool.settled) == 1

    async def test_a_client_that_does_not_read_is_cut_off_without_blaming_the_server(self):
        fakes = self.timed(scene(stream(ROLE, chunk("a"), chunk("b"), *GOOD[1:]), whole()), idle=0.01)
        client = Client()

        async def stuck(body: bytes) -> None:
            if body == chunk("b"):
                await anyio.sleep_forever()

        client.on_send = stuck
        with pytest.raises(ClientStalled):
            await handle(inbound(ask(stream=True)), fakes.world, client)
        assert fakes.spool.settled[0].outcome == "client_closed"
        assert fakes.spool.finished.status == 499
        assert fakes.board.verdicts == [("home", Verdict.HEALTHY, None)]


class TestAvailability:
    """What is known of targets before one is asked."""

    async def test_a_saturated_first_choice_spills_over(self):
        fakes = scene(whole(), whole())
        fakes.board.why["home"] = "saturated"
        client = await run(fakes)
        assert client.headers["x-gateway-target"] == "away"
        assert (client.headers["x-gateway-reason"], client.headers["x-gateway-rule"]) == ("spillover", "load")
        assert (fakes.spool.finished.reason, fakes.spool.finished.rule) == ("spillover", "load")

    async def test_a_first_choice_that_is_down_fails_over(self):
        fakes = scene(whole(), whole())
        fakes.board.why["home"] = "down"
        client = await run(fakes)
        assert (client.headers["x-gateway-reason"], client.headers["x-gateway-rule"]) == ("failover", "health")

    async def test_no_target_that_can_be_asked_is_a_503_that_says_why_of_each(self):
        fakes = scene(whole(), whole())
        fakes.board.why |= {"home": "saturated", "away": "no_credentials"}
        client = await run(fakes)
        assert (client.status, client.code, client.headers["retry-after"]) == (503, "no_healthy_target", "5")
        assert "home: saturated, away: no_credentials" in client.json["error"]["message"]
        assert not fakes.upstream.calls


class TestBudget:
    """A hold that does not fit."""

    async def test_reject_refuses_the_call_before_anything_is_sent(self):
        fakes = scene(whole(), whole(), teams=budget(0.000001))
        client = await run(fakes)
        assert (client.status, client.code) == (429, "budget_exceeded")
        assert client.json["error"]["retry_after_s"] > 0
        assert not fakes.upstream.calls

    async def test_local_only_goes_on_at_home(self):
        rules = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
        fakes = scene(whole(), whole(), rules=rules, teams=budget(0.000001, covers="closed", on_exhausted="local_only"))
        client = await run(fakes)
        assert client.headers["x-gateway-target"] == "home"
        assert client.headers["x-gateway-reason"] == "budget"

    async def test_local_only_without_a_local_target_is_refused(self):
        models = [{"name": "auto", "candidates": ["away"]}]
        teams = budget(0.000001, covers="closed", on_exhausted="local_only")
        client = await run(scene(whole(), whole(), models=models, teams=teams))
        assert (client.status, client.code) == (429, "budget_exceeded")

    async def test_a_failed_attempt_is_the_cause_if_the_next_hold_does_not_fit(self):
        teams = budget(0.000001, covers="closed", on_exhausted="local_only")
        client = await run(scene(whole(ERROR, status=500), whole(), teams=teams))
        assert (client.status, client.code) == (502, "upstream_error")

    async def test_spent_money_counts(self):
        fakes = Fakes(snapshot=policy(teams=budget(1)), upstream=FakeUpstream(home=whole()), spent={"t": 1 * USD})
        assert (await run(fakes)).code == "budget_exceeded"


class Away(MemoryState):
    """A state that nobody can ask."""

    async def admit(self, hold, entries, rates, seconds):
        raise StateUnavailable

    async def settle(self, hold, charges, tokens=None):
        raise StateUnavailable


class AwayOnce(MemoryState):
    """A state that is away for the admissions of one request, and back before its end."""

    async def admit(self, hold, entries, rates, seconds):
        raise StateUnavailable


class TestStateLost:
    """Nobody knows what is left of budgets and rate limits."""

    AWAY_FIRST = ({"kind": "prefer", "by": "order", "order": ["away", "home"]},)

    def scene(self, on_state_lost="local_only", **changes):
        fakes = scene(whole(), whole(), rules=list(self.AWAY_FIRST), **{"teams": budget(1, covers="all"), **changes})
        fakes.state = Away(fakes.clock)
        fakes.changes = {"on_state_lost": on_state_lost}
        return fakes

    async def test_local_targets_go_on_and_closed_ones_are_not_asked(self):
        fakes = self.scene()
        client = await run(fakes)
        assert (client.status, client.headers["x-gateway-target"]) == (200, "home")
        assert client.headers["x-gateway-reason"] == "budget"
        assert [call.target.id for call in fakes.upstream.calls] == ["home"]
        assert len(fakes.spool.settled) == 1

    async def test_a_local_call_that_went_on_without_its_hold_is_charged_once_it_ends(self):
        fakes = self.scene()
        fakes.state = AwayOnce(fakes.clock)
        client = await run(fakes)
        assert client.headers["x-gateway-target"] == "home"
        (settled,) = fakes.spool.settled
        assert settled.cost > 0
        (paid,) = paying(fakes.snapshot.teams["t"], "key_1", fakes.clock.wall_ns())
        assert fakes.state.used(paid.counter) == (settled.cost, 0)

    async def test_a_call_that_only_a_vendor_can_answer_is_refused_for_now(self):
        fakes = self.scene(models=[{"name": "auto", "candidates": ["away"]}])
        client = await run(fakes)
        assert (client.status, client.code) == (503, "state_unavailable")
        assert int(client.headers["retry-after"]) > 0
        assert not fakes.upstream.calls

    async def test_reject_refuses_every_call_that_is_counted(self):
        fakes = self.scene("reject")
        client = await run(fakes)
        assert (client.status, client.code) == (503, "state_unavailable")
        assert not fakes.upstream.calls

    async def test_a_team_without_budget_and_rate_limit_does_not_ask_it(self):
        fakes = self.scene("reject", teams=[{"id": "t", "default_class": "public"}])
        client = await run(fakes)
        assert (client.status, client.headers["x-gateway-target"]) == (200, "away")


class TestSent:
    """What a target gets."""

    async def test_the_served_model_and_params_replace_the_callers_and_the_rest_stays_in_order(self):
        params = {"set": {"x": {"a": 1}}, "drop": ["seed"], "clamp": {"max_tokens": 5}, "default": {"temperature": 0.5}}
        fakes = scene(whole(), whole(), targets=[local("home", params=params), closed("away")])
        client = await run(fakes, seed=1, unknown={"z": 1, "a": 2}, x={"b": 2}, api_base="http://evil")
        sent = fakes.upstream.body()
        assert sent["model"] == "org/home"
        assert (sent["max_tokens"], sent["temperature"], sent["x"]) == (5, 0.5, {"b": 2, "a": 1})
        assert list(sent["unknown"]) == ["z", "a"]
        assert not {"seed", "api_base"} & set(sent)
        assert client.headers["x-gateway-dropped"] == "api_base, seed"

    async def test_the_policys_own_values_are_never_changed_by_a_request(self):
        params = {"set": {"x": {"a": 1}}, "default": {"y": {"b": [1]}}}
        fakes = scene(whole(), whole(), targets=[local("home", params=params), closed("away")])
        for _ in range(2):
            await run(fakes, x={"mine": 1}, y={"mine": 1})
        assert fakes.snapshot.targets["home"].params.set == {"x": {"a": 1}}
        assert fakes.snapshot.targets["home"].params.default == {"y": {"b": [1]}}

    async def test_each_target_gets_its_own_model_of_one_trace(self):
        fakes = scene(whole(ERROR, status=500), whole())
        await run(fakes)
        assert [fakes.upstream.body(number)["model"] for number in (0, 1)] == ["org/home", "vendor-away"]
        spans = [call.headers["traceparent"].split("-") for call in fakes.upstream.calls]
        assert spans[0][1] == spans[1][1] == "0af7651916cd43dd8448eb211c80319c"
        assert [span[2] for span in spans] == [record.span for record in fakes.spool.started]


class Silent(FakeUpstream):
    """Never asked."""


REPLIES = st.sampled_from(
    [
        lambda: stream(*GOOD),
        lambda: stream(FULL_QUEUE, DONE),
        lambda: stream(ROLE, UpstreamBroken("x", sent=True)),
        lambda: stream(ROLE, chunk("x")),
        lambda: whole(ERROR, status=500),
        lambda: whole(ERROR, status=401),
        lambda: whole(ERROR, status=429),
        lambda: whole(ERROR, status=400),
        refused,
        lambda: Reply(before=UpstreamBroken("x", sent=False, egress=True)),
        lambda: Reply(200, {"content-type": "text/html"}, [b"<html>"]),
    ]
)


@given(
    replies=st.lists(st.lists(REPLIES, min_size=1, max_size=3), min_size=3, max_size=3),
    text=st.sampled_from(["hello", "card 4539 1488 0343 6467", "mail ann@blue-heron.net"]),
    down=st.sets(st.sampled_from(["home", "away", "other"])),
)
def test_no_attempt_ever_goes_outside_of_what_was_permitted(replies, text, down):
    async def check() -> None:
        targets = [local("home"), closed("away", clearance="internal"), closed("other", clearance="confidential")]
        models = [{"name": "auto", "candidates": ["home", "away", "other"]}]
        names = ("home", "away", "other")
        script = {name: [make() for make in makers] for name, makers in zip(names, replies, strict=True)}
        fakes = Fakes(
            snapshot=policy(targets=targets, models=models, rules=[{"kind": "prefer", "by": "cost"}]),
            upstream=FakeUpstream(**script),
        )
        fakes.board.why = dict.fromkeys(down, "down")
        fakes.board.places = {"home": ("http://a:1", "http://b:1")}
        client = Client()
        await handle(inbound(ask(text, stream=True)), fakes.world, client)
        permitted = {entry["target"] for entry in fakes.spool.decision.decision["ranked"]}
        assert set(fakes.upstream.asked) <= permitted - down
        assert len(set(zip(fakes.upstream.asked, [c.endpoint for c in fakes.upstream.calls], strict=True))) == len(
            fakes.upstream.calls
        )
        assert len(fakes.spool.started) == len(fakes.spool.settled) == len(fakes.upstream.calls)
        assert client.done
        assert fakes.board.running == 0

    anyio.run(check)
