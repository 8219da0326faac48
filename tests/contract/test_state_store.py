"""What every state store must do: nothing is spent twice, nothing is lost, and no more is held than there is."""

import anyio
import pytest
from support.fakes import Clock, sums
from support.redis_server import redis_cluster, redis_server
from support.replacing import replace

from gateway.domain.admission import GRACE_S, LATE_S, WINDOW_S, BudgetEntry, Rate, StateUnavailable
from gateway.domain.label import Label, Part
from gateway.failover.breaker import Paused
from gateway.stores.sessions.redis import RedisSessions
from gateway.stores.state.breakers_redis import RedisBreakers
from gateway.stores.state.memory import MemoryState
from gateway.stores.state.redis import RedisState

pytestmark = pytest.mark.anyio

A, B = "t:a:2026-11", "k:b:2026-11"
LONG = 900.0
DAY = 86_400


class Shared:
    """A store over Redis whose knowledge is always the newest, so that both stores can be asked alike."""

    def __init__(self, url):
        self.state = RedisState(url)

    def __getattr__(self, name):
        return getattr(self.state, name)

    def used(self, counter):
        with self.server.client() as client:
            found = client.hmget("{gateway}:counter:" + counter, "spent", "held")
        return tuple(int(one or 0) for one in found)


@pytest.fixture(scope="module")
def redis_url():
    with redis_server() as server:
        yield server


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request):
    if request.param == "memory":
        yield MemoryState(Clock())
        return
    server = request.getfixturevalue("redis_url" if request.param == "redis" else "cluster")
    with server.client() as client:
        client.flushall()
    shared = Shared(server.url)
    shared.server = server
    await shared.seed([])
    yield shared
    await shared.close()


def entry(amount: int, limit: int | None = 100, counter: str = A) -> BudgetEntry:
    return BudgetEntry(counter, amount, limit)


async def test_a_hold_is_kept_and_its_settlement_books_the_true_cost(store):
    await store.seed(sums({A: 10}))
    assert (await store.admit("h", [entry(50)], (), LONG)).short == ""
    assert store.used(A) == (10, 50)
    await store.settle("h", {A: 30})
    assert store.used(A) == (40, 0)


async def test_what_is_left_can_be_held_to_the_last_unit_and_no_further(store):
    await store.admit("h", [entry(100)], (), LONG)
    refused = await store.admit("i", [entry(1)], (), LONG)
    assert (refused.short, refused.left) == (A, 0)
    assert (await store.admit("free", [entry(0)], (), LONG)).short == ""
    assert store.used(A) == (0, 100)


async def test_of_several_counters_all_are_held_or_none(store):
    await store.seed(sums({B: 95}))
    refused = await store.admit("h", [entry(50), entry(6, counter=B)], (), LONG)
    assert (refused.short, refused.left) == (B, 5)
    assert (store.used(A), store.used(B)) == ((0, 0), (95, 0))
    await store.admit("i", [entry(50), entry(5, counter=B)], (), LONG)
    assert (store.used(A), store.used(B)) == ((0, 50), (95, 5))


async def test_holding_and_settling_twice_count_once(store):
    for _ in range(2):
        await store.admit("h", [entry(50)], (), LONG)
    assert store.used(A) == (0, 50)
    for _ in range(2):
        await store.settle("h", {A: 20})
    assert store.used(A) == (20, 0)


async def test_a_hold_of_nothing_ends_like_any_other(store):
    await store.admit("h", [entry(0)], (), LONG)
    await store.settle("h", {A: 20})
    await store.admit("i", [entry(0)], (), 0.0)
    assert [one.hold for one in await store.sweep()] == ["i"]
    await store.settle("i", {A: 5})
    assert store.used(A) == (25, 0)


async def test_a_settlement_without_a_hold_books_nothing(store):
    await store.settle("h", {A: 20})
    assert store.used(A) == (0, 0)


async def test_a_call_that_went_on_without_its_hold_is_booked_once_when_it_ends(store):
    store.unheld("h", [entry(50)])
    assert store.used(A) == (0, 0)
    for _ in range(2):
        await store.settle("h", {A: 30}, 5)
    assert store.used(A) == (30, 0)
    await store.admit("h", [entry(50)], (), LONG)  # its admission was still on its way
    assert store.used(A)[0] == 30


async def test_one_whose_admission_came_about_all_the_same_holds_nothing_after_its_end(store):
    await store.admit("h", [entry(50)], (), LONG)
    store.unheld("h", [entry(50)])
    for _ in range(2):
        await store.settle("h", {A: 30})
    assert store.used(A) == (30, 0)


async def test_one_whose_hold_expired_meanwhile_is_booked_once(store):
    await store.admit("h", [entry(50)], (), 0.0)
    await store.sweep()
    store.unheld("h", [entry(50)])
    for _ in range(2):
        await store.settle("h", {A: 30})
    assert store.used(A) == (30, 0)


async def test_one_that_came_to_nothing_leaves_nothing(store):
    store.unheld("h", [entry(50)])
    await store.settle("h", {}, 0)
    await store.settle("h", {A: 30})
    assert store.used(A) == (0, 0)


async def test_a_cost_above_its_hold_counts_in_full_and_stops_the_next_call(store):
    await store.admit("h", [entry(50)], (), LONG)
    await store.settle("h", {A: 130})
    refused = await store.admit("i", [entry(1)], (), LONG)
    assert (refused.short, refused.left) == (A, -30)


async def test_an_entry_without_a_limit_is_never_refused_and_counts(store):
    assert (await store.admit("h", [entry(150, None)], (), LONG)).short == ""
    assert store.used(A) == (0, 150)


async def test_charges_to_another_counter_than_was_held_count(store):
    await store.admit("h", [entry(50)], (), LONG)
    await store.settle("h", {B: 30})
    assert (store.used(A), store.used(B)) == ((0, 0), (30, 0))


async def test_a_hold_never_outlives_its_deadline_and_is_booked_at_its_amount(store):
    await store.admit("h", [entry(50), entry(5, counter=B)], (), 0.0)
    await store.admit("i", [entry(7)], (), LONG)
    (expired,) = await store.sweep()
    assert (expired.hold, dict(expired.amounts)) == ("h", {A: 50, B: 5})
    assert (store.used(A), store.used(B)) == ((50, 7), (5, 0))
    assert await store.sweep() == ()


async def test_a_hold_whose_process_died_is_booked_at_once_and_once(store):
    """The ledger has it as settled at its hold by then; raised by that first, the counter would have it twice."""
    await store.admit("h", [entry(50)], (), LONG)
    await store.admit("i", [entry(7)], (), LONG)
    (expired,) = await store.sweep(["h", "unknown"])
    assert (expired.hold, dict(expired.amounts)) == ("h", {A: 50})
    await store.seed(sums({A: 50}))
    assert store.used(A) == (50, 7)
    assert await store.sweep(["h"]) == ()
    assert store.used(A) == (50, 7)


async def test_a_settlement_that_comes_late_corrects_the_estimate_once(store):
    await store.admit("h", [entry(50)], (), 0.0)
    await store.sweep()
    for _ in range(2):
        await store.settle("h", {A: 20})
    assert store.used(A) == (20, 0)


async def test_the_ledger_raises_what_is_spent_and_never_lowers_it(store):
    await store.seed(sums({A: 30, B: 4}))
    await store.seed(sums({A: 20, B: 5}))
    assert (store.used(A)[0], store.used(B)[0]) == (30, 5)


async def test_sums_above_what_a_double_holds_stay_exact(store):
    limit = 3 * 2**53
    await store.seed(sums({A: limit - 3}))
    assert (await store.admit("h", [entry(4, limit)], (), LONG)).left == 3
    assert (await store.admit("i", [entry(2, limit)], (), LONG)).short == ""
    assert (await store.admit("j", [entry(2, limit)], (), LONG)).left == 1
    await store.settle("i", {A: 1})
    assert store.used(A) == (limit - 2, 0)


async def test_64_callers_at_once_never_hold_more_than_there_is(store):
    done = []

    async def call(number):
        if not (await store.admit(f"h{number}", [entry(7, 100)], (), LONG)).short:
            done.append(number)

    async with anyio.create_task_group() as group:
        for number in range(64):
            group.start_soon(call, number)
    assert len(done) == 14
    assert store.used(A) == (0, 98)


class TestRates:
    """Requests and tokens of any minute."""

    async def test_what_is_left_is_reported_and_a_refused_call_counts_nothing(self, store):
        rates = [Rate("r", "requests", 2, 1), Rate("t", "tokens", 100, 40)]
        admissions = [await store.admit(f"h{number}", (), rates, LONG) for number in range(3)]
        assert [one.wait_s for one in admissions[:2]] == [0, 0]
        assert 59 <= admissions[2].wait_s <= 60
        assert [(one.unit, one.limit, one.remaining) for one in admissions[2].windows] == [
            ("requests", 2, 0),
            ("tokens", 100, 20),
        ]
        assert all(58 < one.reset_s <= 60 for one in admissions[2].windows)

    async def test_a_call_that_no_budget_pays_for_is_not_counted(self, store):
        rates = [Rate("r", "requests", 2, 1)]
        refused = await store.admit("h", [entry(101)], rates, LONG)
        assert refused.short == A
        (window,) = await store.windows(rates)
        assert window.remaining == 2

    async def test_64_callers_at_once_never_pass_the_limit(self, store):
        admitted = []

        async def call(number):
            if not (await store.admit(f"h{number}", (), [Rate("r", "requests", 10, 1)], LONG)).wait_s:
                admitted.append(number)

        async with anyio.create_task_group() as group:
            for number in range(64):
                group.start_soon(call, number)
        assert len(admitted) == 10

    async def test_a_settlement_puts_right_what_was_reserved_in_the_second_of_its_admission(self, store):
        rates = [Rate("r", "requests", 9, 1), Rate("t", "tokens", 100, 60)]
        await store.admit("h", [entry(1)], rates, LONG)
        await store.admit("i", (), [replace(rates[1], amount=40)], LONG)
        assert remaining(await store.windows(rates)) == [8, 0]
        for _ in range(2):
            await store.settle("h", {}, 10)
        assert remaining(await store.windows(rates)) == [8, 50]
        await store.settle("i", {}, 70)
        assert remaining(await store.windows(rates)) == [8, 20]

    async def test_more_than_was_reserved_stops_the_next_call_and_nothing_goes_below_zero(self, store):
        rates = [Rate("t", "tokens", 100, 50)]
        await store.admit("h", (), rates, LONG)
        await store.settle("h", {}, 130)
        assert (await store.admit("i", (), rates, LONG)).wait_s >= 59
        await store.admit("j", (), [Rate("u", "tokens", 100, 50)], LONG)
        await store.settle("j", {}, 0)
        (window,) = await store.windows([Rate("u", "tokens", 100, 50)])
        assert (window.remaining, window.reset_s) == (100, 0)

    async def test_the_reset_is_that_of_the_last_call_that_counts(self, store):
        await store.admit("h", (), [Rate("t", "tokens", 100, 50)], LONG)
        await store.settle("h", {})
        (window,) = await store.windows([Rate("t", "tokens", 100, 50)])
        assert (window.remaining, window.reset_s > 58) == (50, True)

    async def test_a_later_attempt_of_a_request_counts_and_is_never_refused(self, store):
        rates = [Rate("t", "tokens", 100, 100)]
        await store.admit("h", (), rates, LONG)
        admission = await store.admit("again", (), [replace(rates[0], counted=True)], LONG)
        assert (admission.wait_s, admission.windows[0].remaining) == (0, 0)
        await store.settle("h", {}, 0)
        await store.settle("again", {}, 30)
        assert remaining(await store.windows(rates)) == [70]

    async def test_a_call_of_rates_alone_whose_process_died_leaves_no_hold_to_book(self, store):
        await store.admit("h", (), [Rate("t", "tokens", 100, 50)], 0.0)
        assert await store.sweep() == ()
        await store.settle("h", {A: 5}, 0)
        assert store.used(A) == (0, 0)


def remaining(windows) -> list[int]:
    return [one.remaining for one in windows]


class TestRedisAlone:
    """What only a server can do."""

    async def test_a_hold_that_comes_after_it_was_given_back_holds_nothing(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed([])
        await state.settle("late", {})
        await state.admit("late", [entry(5, counter="late")], (), LONG)
        assert state.used("late") == (0, 0)
        await state.settle("late", {"late": 9})
        await state.refresh()
        assert state.used("late") == (0, 0)
        await state.close()

    async def test_what_could_not_be_reported_while_it_was_away_is_reported_once_it_answers(
        self, redis_url, monkeypatch
    ):
        state = RedisState(redis_url.url)
        await state.seed([])
        await state.admit("h", [entry(50, counter="owed")], (), LONG)
        ran, run = [], state._run

        async def cut(*call):
            ran.append(await run(*call))  # the script runs, its reply is lost
            raise StateUnavailable

        async def lost(*call):
            raise StateUnavailable

        monkeypatch.setattr(state, "_run", lost)
        with pytest.raises(StateUnavailable):
            await state.settle("h", {"owed": 20})
        monkeypatch.setattr(state, "_run", cut)
        with pytest.raises(StateUnavailable):
            await state.admit("i", [entry(30, counter="owed")], (), LONG)
        assert [one[0] for one in ran] == ["ok"]
        monkeypatch.setattr(state, "_run", run)
        await state.sweep()
        await state.refresh()
        assert state.used("owed") == (20, 0)
        await state.close()

    @pytest.mark.parametrize("ran", [True, False])
    async def test_a_call_whose_admission_failed_is_booked_once_whatever_was_reported_before(
        self, redis_url, monkeypatch, ran
    ):
        state, other, name = RedisState(redis_url.url), RedisState(redis_url.url), f"unheld{ran}"
        await state.seed([])
        await other.seed([])
        run = state._run

        async def lost(script, *asked):
            if ran:
                await run(script, *asked)  # its reply is lost
            raise StateUnavailable

        for hold, swept in ((f"{name}1", True), (f"{name}2", False)):
            monkeypatch.setattr(state, "_run", lost)
            with pytest.raises(StateUnavailable):
                await state.admit(hold, [entry(30, counter=name)], (), LONG)
            state.unheld(hold, [entry(30, counter=name)])
            if swept:  # what was asked for is given back while the call runs
                monkeypatch.setattr(state, "_run", run)
                await state.sweep()
                monkeypatch.setattr(state, "_run", lost)
            for _ in range(2):
                with pytest.raises(StateUnavailable):
                    await state.settle(hold, {name: 20})
                with pytest.raises(StateUnavailable):
                    await state.sweep()
            monkeypatch.setattr(state, "_run", run)
            for _ in range(2):
                await state.sweep()
                await state.settle(hold, {name: 20})
        assert state._owed == state._unheld == {}
        await other.admit(f"{name}3", [entry(0, counter=name)], (), LONG)
        assert other.used(name) == (40, 0)
        for one in (state, other):
            await one.close()

    async def test_a_call_without_a_hold_is_left_to_the_ledger_if_the_counters_were_lost_meanwhile(self, redis_url):
        state = RedisState(redis_url.url)
        state.unheld("early", [entry(30, counter="ledger")])  # before anything was seeded
        await state.seed([])
        state.unheld("lost", [entry(30, counter="ledger")])
        with redis_url.client() as client:
            client.flushall()
        await state.seed(sums({"ledger": 40}))
        for hold in ("early", "lost"):
            await state.settle(hold, {"ledger": 20})
        await state.refresh()
        assert state.used("ledger") == (40, 0)
        await state.close()

    async def test_the_end_of_a_call_is_not_lost_to_an_older_word_about_its_hold(self, redis_url, monkeypatch):
        state = RedisState(redis_url.url)
        await state.seed([])
        run = state._run

        async def away(*asked):
            raise StateUnavailable

        monkeypatch.setattr(state, "_run", away)
        with pytest.raises(StateUnavailable):
            await state.admit("word", [entry(30, counter="word")], (), LONG)
        state.unheld("word", [entry(30, counter="word")])

        async def ends_meanwhile(*asked):
            monkeypatch.setattr(state, "_run", away)
            with pytest.raises(StateUnavailable):
                await state.settle("word", {"word": 20})
            return await run(*asked)

        monkeypatch.setattr(state, "_run", ends_meanwhile)
        with pytest.raises(StateUnavailable):
            await state.sweep()
        monkeypatch.setattr(state, "_run", run)
        await state.sweep()
        await state.refresh()
        assert state.used("word") == (20, 0)
        await state.close()

    async def test_nothing_is_held_while_nobody_knows_what_is_spent(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed(sums({A: 99}))
        with redis_url.client() as client:
            client.flushall()
        with pytest.raises(StateUnavailable):
            await state.admit("lost", [entry(50)], (), LONG)
        assert (await state.admit("free", (), [Rate("r", "requests", 9, 1)], LONG)).wait_s == 0
        await state.seed(sums({A: 99}))
        assert (await state.admit("lost", [entry(50)], (), LONG)).left == 1
        await state.close()

    async def test_after_a_loss_each_worker_holds_again_what_its_calls_hold(self, redis_url):
        one, other = RedisState(redis_url.url), RedisState(redis_url.url)
        for state in (one, other):
            await state.seed(sums({"c": 1}))
        await one.admit("h", [entry(30, counter="c")], (), LONG)
        await other.admit("i", [entry(40, counter="c")], (), LONG)
        with redis_url.client() as client:
            client.flushall()
        assert [await one.refresh(), await other.refresh()] == [False, False]
        await one.seed(sums({"c": 1}))
        assert not await other.refresh()
        assert [await one.refresh(), await other.refresh()] == [True, True]
        assert one.used("c") == other.used("c") == (1, 70)
        assert (await one.admit("j", [entry(30, counter="c")], (), LONG)).left == 29
        await other.settle("i", {"c": 5})
        await one.settle("h", {"c": 6})
        await one.refresh()
        assert one.used("c") == (12, 0)
        for state in (one, other):
            await state.close()

    async def test_a_call_that_ends_while_holds_are_taken_anew_leaves_none(self, redis_url, monkeypatch):
        state, other = RedisState(redis_url.url), RedisState(redis_url.url)
        await state.seed([])
        await state.admit("h", [entry(30, counter="d")], (), LONG)
        with redis_url.client() as client:
            client.flushall()
        await other.seed([])
        run = state._run

        async def ends_first(script, *call):
            if script == "admit":
                await state.settle("h", {"d": 5})
            return await run(script, *call)

        monkeypatch.setattr(state, "_run", ends_first)
        await state.refresh()
        await other.admit("i", [entry(1, counter="d")], (), LONG)
        assert other.used("d") == (0, 1)
        for one in (state, other):
            await one.close()

    async def test_a_minute_is_whole_on_a_replica_whose_clock_is_behind(self, redis_url):
        state, rates = RedisState(redis_url.url), [Rate("behind", "requests", 2, 1)]
        with redis_url.client() as client:
            ahead = client.time()[0] + 30
            client.hset("{gateway}:rate:behind", mapping={"n": 1, "t": ahead, "l": ahead, str(ahead): 1})
        admissions = [await state.admit(f"behind{number}", (), rates, LONG) for number in range(3)]
        assert [bool(one.wait_s) for one in admissions] == [False, True, True]
        await state.close()

    async def test_no_counter_stays_for_ever(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed(sums({"seeded": 5}))
        await state.admit("h", [entry(1, counter="held")], (), LONG)
        await state.settle("h", {"charged": 1})
        with redis_url.client() as client:
            for name in ("seeded", "held", "charged"):
                assert 366 * 86_400 < client.ttl("{gateway}:counter:" + name) <= 400 * 86_400
        await state.close()

    async def test_a_counter_lives_until_some_time_after_its_period_and_no_later_write_shortens_that(self, redis_url):
        state, name = RedisState(redis_url.url), "{gateway}:counter:day"
        await state.seed([])
        with redis_url.client() as client:
            ends = client.time()[0] + DAY
            await state.admit("day-h", [BudgetEntry("day", 5, 100, ends)], (), LONG)
            assert GRACE_S + DAY - 60 < client.ttl(name) <= GRACE_S + DAY
            await state.settle("day-h", {"day": 3})
            await state.seed([BudgetEntry("day", 9, None, ends)])
            assert GRACE_S + DAY - 60 < client.ttl(name) <= GRACE_S + DAY
            await state.admit("day-i", [BudgetEntry("day", 5, 100, ends - 40 * DAY)], (), 9 * DAY)
            assert client.ttl(name) > 9 * DAY + LATE_S  # as long as a hold may be corrected
            await state.settle("day-i", {"day": 1})
            await state.admit("day-j", [BudgetEntry("day", 5, 100, ends)], (), 0.0)
            await state.sweep()
            assert client.ttl(name) > 9 * DAY
        await state.close()

    async def test_a_period_that_was_over_before_it_was_held_is_kept_for_its_holds(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed([])
        with redis_url.client() as client:
            over = client.time()[0] - 3 * DAY
            await state.seed([BudgetEntry("over", 7, None, over)])
            assert 0 < client.ttl("{gateway}:counter:over") <= LATE_S
            await state.admit("day-h", [BudgetEntry("over", 5, 100, over)], (), LONG)
            assert client.ttl("{gateway}:counter:over") > LONG + LATE_S
        await state.settle("day-h", {"over": 1})
        await state.close()

    async def test_every_key_but_the_marks_has_an_end(self, redis_url):
        state, labels = RedisState(redis_url.url), RedisSessions(redis_url.url)
        breakers = RedisBreakers(redis_url.url, "worker")
        with redis_url.client() as client:
            client.flushall()
            rates = [Rate("r", "requests", 9, 1), Rate("t", "tokens", 9, 1)]
            await state.seed([BudgetEntry("seeded", 5, None, client.time()[0]), *sums({"endless": 4})])
            await labels.begin(fresh=True)
            await labels.add("t", ["a"], [Part("email", Label())])
            await labels.seal("t", ["d"], "vendor")
            await breakers.share([Paused("target", "http://a", 30.0)])
            for hold, seconds in (("kept", LONG), ("swept", 0.0), ("settled", LONG)):
                await state.admit(hold, [entry(1), BudgetEntry(B, 1, 9, client.time()[0])], rates, seconds)
            await state.settle("settled", {A: 1, B: 1}, 3)
            await state.settle("gone", {})
            await state.sweep()
            await state.windows(rates)
            endless = {name for name in client.scan_iter("{gateway}:*") if client.ttl(name) < 0}
            assert endless == {"{gateway}:seeded", "{gateway}:said"}
            assert all(client.ttl(name) <= 2 * WINDOW_S for name in client.scan_iter("{gateway}:rate:*"))
        for one in (state, labels, breakers):
            await one.close()

    async def test_only_counters_that_were_asked_for_lately_are_read_again(self, redis_url, monkeypatch):
        monkeypatch.setattr("gateway.stores.state.redis.LATELY", 3)
        state, other = RedisState(redis_url.url), RedisState(redis_url.url)
        await state.seed(sums({f"many{number}": 1 for number in range(100)}))
        await other.seed([])
        with redis_url.client() as client:
            for _ in range(3):
                state.used("many0")
                await state.refresh()
            client.config_resetstat()
            await state.refresh()
            assert client.info("commandstats")["cmdstat_hmget"]["calls"] == 1
        await other.admit("more", [entry(5, counter="many7")], (), LONG)
        await state.refresh()
        assert state.used("many7") == (1, 0)
        await state.refresh()
        assert state.used("many7") == (1, 5)
        await other.settle("more", {})
        for one in (state, other):
            await one.close()

    async def test_its_scripts_are_sent_again_after_it_forgot_them(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed(sums({A: 5}))
        with redis_url.client() as client:
            client.script_flush()
        assert (await state.admit("flushed", [entry(1, None)], (), LONG)).short == ""
        await state.close()

    async def test_a_restart_that_lost_all_is_noticed_and_away_is_said(self, redis_url):
        state = RedisState(redis_url.url)
        await state.seed(sums({A: 5}))
        assert await state.refresh()
        redis_url.stop()
        with pytest.raises(StateUnavailable):
            await state.admit("away", [entry(1)], (), LONG)
        redis_url.start()
        assert not await state.refresh()
        await state.seed(sums({A: 7}))
        assert state.used(A) == (7, 0)
        await state.close()


async def test_a_cluster_that_is_away_is_reported_and_known_again_once_it_is_back(tmp_path):
    with redis_cluster() as nodes:
        state = RedisState(nodes.url)
        await state.seed(sums({A: 10}))
        nodes.stop()
        with pytest.raises(StateUnavailable):
            await state.admit("h", [entry(1)], (), LONG)
        with pytest.raises(StateUnavailable):
            await state.refresh()
        nodes.start()
        await state.seed(sums({A: 10}))
        assert (await state.admit("i", [entry(90)], (), LONG)).short == ""
        await state.close()


def at_once(operation) -> object:
    """Return the result of an operation that never waits."""
    with pytest.raises(StopIteration) as done:
        operation.send(None)
    return done.value.value


async def test_a_store_that_says_that_it_never_waits_never_does():
    """Who relies on it shields nothing: a wait in between would leave a hold behind when a client hangs up."""
    store = MemoryState(Clock())
    assert store.here
    rates = [Rate("r", "tokens", 100, 10)]
    at_once(store.seed([BudgetEntry(A, 5, 100, None)]))
    assert not at_once(store.admit("h", [BudgetEntry(A, 5, 100, None)], rates, LONG)).short
    at_once(store.settle("h", {A: 3}, 7))
    at_once(store.sweep(["h"]))
    at_once(store.windows(rates))
    assert at_once(store.refresh())
    assert store.used(A) == (8, 0)


async def test_a_store_beyond_a_network_does_not_say_so(redis_url):
    shared = RedisState(redis_url.url)
    assert not shared.here
    await shared.close()
