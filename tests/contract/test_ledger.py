"""What every ledger promises, whatever database it is in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from support.books import NOON, Books, attempt, decision_made, finished, policy, request, settled, write
from support.replacing import replace

from gateway.domain.costs import GROUPINGS, total
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import new_id
from gateway.domain.money import CostParts
from gateway.domain.records import Action, Adjustment, GpuSample
from gateway.stores.audit.ledger import audit
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.actions import CHANCE_BYTES, Actor, Change, recorded
from gateway.stores.ledger.place import open_ledger
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.writer import Position
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.sql.sqlite import SqliteDatabase

EVER = 1 << 62
ANN = Actor("ann (root)", "admin", "cli")
CHANCE = bytes(range(CHANCE_BYTES))


def test_a_record_is_taken_once(data):
    with open_ledger(data) as ledger:
        first = ledger.store([policy(), *request(1)]).new
        again = ledger.store([policy(), *request(1), *request(1)]).new
    assert (len(first), again) == (5, [])
    assert [row["id"] for row in Books(data).decisions(0, 10)] == ["dec_000001"]


def test_two_equal_records_in_one_batch_are_one(data):
    with open_ledger(data) as ledger:
        new = ledger.store([*request(1), *request(1)]).new
    assert len(new) == 4
    assert total(Books(data).cost_rows(0, EVER, "team")).attempts == 1


def test_of_records_some_of_which_are_there_the_others_are_new(data):
    with open_ledger(data) as ledger:
        ledger.store(request(2)[:3])
        new = ledger.store([*request(1), *request(2), *request(3), *request(1)]).new
    assert new == [*request(1), request(2)[3], *request(3)]
    row = total(Books(data).cost_rows(0, EVER, "team"))
    assert (row.requests, row.attempts, row.local_cost, row.running) == (3, 3, 3 * 777, 0)


def test_sums_of_requests_that_came_whole_are_those_of_requests_that_came_bit_by_bit(data, tmp_path):
    records = [*request(1, cost=5), *request(2, zone="closed", team="legal"), *request(3, reference=None)]
    with open_ledger(data) as ledger:
        ledger.store(records)
    other = DataDir(tmp_path / "other")
    other.ensure()
    with open_ledger(other) as ledger:
        for record in records:
            ledger.store([record])
    for by in GROUPINGS:
        assert Books(data).cost_rows(0, EVER, by) == Books(other).cost_rows(0, EVER, by)


def test_what_no_table_can_take_is_reported_and_the_rest_is_taken(data):
    bad = replace(settled(2), cost="much")
    with open_ledger(data) as ledger:
        stored = ledger.store([*request(1), decision_made(2), attempt(2), bad])
    assert stored.refused == [bad]
    assert len(stored.new) == 6


def test_a_value_that_is_too_large_is_refused_alone(data):
    with open_ledger(data) as ledger:
        stored = ledger.store([*request(1), replace(settled(2), cost=1 << 70)])
    assert len(stored.refused) == 1


def test_texts_of_all_sorts_come_back(data):
    text = 'naïve "quoted" \\ back ☃ \U0001f600 %s :name {db}. \n tab\t'
    with open_ledger(data) as ledger:
        ledger.store([*request(1)[:3], replace(finished(1), user_agent=text)])
    assert Books(data).decision("dec_000001")["user_agent"] == text


def test_a_nul_does_not_stop_a_record(data):
    with open_ledger(data) as ledger:
        assert ledger.store([replace(finished(1), user_agent="a\0b")]).refused == []


def test_positions_move_forward_only_and_are_forgotten(data):
    with open_ledger(data) as ledger:
        ledger.store(request(1), "seg", 10)
        ledger.store([], "seg", 5, damaged=True)
        kept = ledger.positions()
        ledger.forget("seg")
        assert (kept, ledger.positions()) == ({"seg": Position(10, True)}, {})


def test_the_spool_and_the_database_are_one_sight(data):
    with open_ledger(data) as ledger:
        ledger.store(request(1))
        ledger.store(request(2)[:2])
    write(data, *request(2)[2:], *request(3))
    reader = Books(data)
    assert sorted(row["id"] for row in reader.decisions(0, 10)) == ["dec_000001", "dec_000002", "dec_000003"]
    for by in GROUPINGS:
        assert total(reader.cost_rows(0, EVER, by)).attempts == 3
    with open_ledger(data) as ledger:
        Shipper(data, ledger).ship_once()
    for by in GROUPINGS:
        assert total(reader.cost_rows(0, EVER, by)).requests == 3
    assert audit(data).problems == ()


def test_late_records_change_the_sums(data):
    with open_ledger(data) as ledger:
        ledger.store([*request(1, cost=100), settled(2, cost=5), finished(2, cost=5)])
        ledger.store([attempt(2)])
        ledger.store([decision_made(2)])
        ledger.store([Adjustment("adj_1", "dec_000001", "att_000001_1", NOON, -40, "yaml", "rerated")])
    row = total(Books(data).cost_rows(0, EVER, "team"))
    assert (row.requests, row.local_cost) == (2, 65)


def test_reports_and_lists_are_narrowed_and_costs_shown_by_their_parts(data):
    first, begun, _, end = request(1, cost=100)
    paid = settled(1, cost=100, parts=CostParts(10, 20, 30, 5))
    hour = Adjustment("adj_1", "dec_000001", "att_000001_1", NOON, -7, "gpu_hour", "gpu_hour")
    with open_ledger(data) as ledger:
        ledger.store([first, begun, paid, end, hour, *request(2, zone="closed", cost=9, team="legal")])
    write(data, *request(3, team="legal", zone="closed", cost=1))
    only = {"team": "legal", "target": "vendor"}
    with LedgerReader(data).view() as view:
        (team, legal) = view.cost_rows(0, EVER, "target")
        narrowed = total(view.cost_rows(0, EVER, "day", only))
        groups = view.cost_groups(0, EVER, ("day", "team", "key", "model", "task", "target", "cost_center"))
        listed = [row["id"] for row in view.decisions(0, 9, only, EVER)]

    assert (team.cached_input_cost, team.cache_write_cost, team.output_cost, team.other_cost) == (10, 20, 30, -2)
    assert (team.local_cost, team.trued_up, legal.other_cost) == (93, 1, 10)
    assert (narrowed.closed_cost, narrowed.requests) == (10, 2)
    assert listed == ["dec_000003", "dec_000002"]
    assert {names: row.requests for names, row in groups.items()} == {
        ("2026-11-22", "legal", "key1", "auto", "other", "vendor", "(none)"): 2,
        ("2026-11-22", "support", "key1", "auto", "other", "home", "(none)"): 1,
    }


def test_what_is_open_is_known(data):
    write(data, decision_made(1), attempt(1), decision_made(2))  # so that the instance is one of here
    with open_ledger(data) as ledger:
        Shipper(data, ledger).ship_once()
    with LedgerReader(data).view() as view:
        assert [one.id for one in view.orphans()] == ["att_000001_1"]
        assert sorted(one["id"] for one in view.unfinished()) == ["dec_000001", "dec_000002"]


def test_samples_of_gpus_are_kept(data):
    values = dict.fromkeys(GpuSample.__slots__, 0) | {"id": "gpu_1", "target": "home", "server": "h:1", "at": NOON}
    with open_ledger(data) as ledger:
        assert len(ledger.store([GpuSample(**values)]).new) == 1


def test_a_database_that_is_away_is_reported_and_loses_nothing(data, server, url):
    if url == SQLITE:
        data.ledger.mkdir()
    else:
        data = DataDir(data.path, server.url("no_such_database"))
    write(data, *request(1))
    with pytest.raises(LedgerUnavailable) as error:
        open_ledger(data)
    assert "postgresql://" not in str(error.value)
    with pytest.raises(LedgerUnavailable):
        Books(data).decisions(0, 1)


@pytest.mark.parametrize("jump", [-400, 400])
def test_a_clock_that_was_set_while_calls_ran_loses_and_doubles_nothing(data, jump):
    """Days; ids carry the time at which they were made."""
    then = NOON + jump * 86_400 * 10**9
    calls = []
    for number, (began, ended) in enumerate([(NOON, NOON), (NOON, then), (then, then), (then, NOON)], 1):
        made, tried, paid, end = request(number, at=began)
        names = {one: new_id(one, began // 10**6, bytes([number] * 10)) for one in ("dec", "att")}
        calls += [
            replace(made, id=names["dec"]),
            replace(tried, id=names["att"], decision=names["dec"]),
            replace(paid, id=names["att"], decision=names["dec"], at=ended),
            replace(end, id=names["dec"], at=ended),
        ]
    write(data, *calls)
    with open_ledger(data) as ledger:
        while Shipper(data, ledger).ship_once(3).more:
            pass

    reader = Books(data)
    assert total(reader.cost_rows(0, EVER, "day")).requests == len(reader.decisions(0, 10)) == 4
    assert total(reader.cost_rows(0, EVER, "team")).local_cost == 4 * 777
    assert {row.name: row.requests for row in reader.cost_rows(0, EVER, "day")} == {day(NOON): 2, day(then): 2}
    assert audit(data).problems == ()


def day(at: int) -> str:
    return datetime.fromtimestamp(at / 1e9, UTC).date().isoformat()


def test_how_large_it_is_and_how_fast_it_grows_is_known(data):
    with open_ledger(data) as ledger:
        empty, _ = ledger.held(NOON)
        for number in range(1, 4):
            ledger.store(request(number, at=NOON - number * 86_400 * 10**9))
        held, _ = ledger.held(NOON)
    assert (empty.requests, empty.recent, empty.bytes_a_day) == (0, 0, 0.0)
    assert (held.requests, held.recent, held.days) == (3, 3, 3.5)
    assert held.bytes > 0


def action(number, *, at=NOON, name="key.revoke", actor="ann", **more):
    states = {"before": {"revoked": None}, "after": {"revoked": "now"}} | more
    return Action(f"act_{number}", at, actor, "operator", "api", name, f"key{number}", **states)


def test_an_action_is_seen_once_while_it_is_shipped_and_comes_back_as_it_was(data):
    made = action(1, name="key.create", before=None)
    with open_ledger(data) as ledger:
        ledger.store([made])
    write(data, made, action(2, at=NOON + 1, after=None))
    with LedgerReader(data).view() as view:
        seen = view.actions(0, 10)
    with open_ledger(data) as ledger:
        Shipper(data, ledger).ship_once()
    with LedgerReader(data).view() as view:
        assert seen == view.actions(0, 10) == [action(2, at=NOON + 1, after=None), made]


def test_actions_are_narrowed_by_time_actor_and_kind_newest_first(data):
    write(data, *[action(number, at=NOON + number, actor="bob" if number == 3 else "ann") for number in range(5)])
    with open_ledger(data) as ledger:
        ledger.store([action(9, at=NOON + 9, name="token.revoke")])
    with LedgerReader(data).view() as view:
        assert [one.id for one in view.actions(NOON + 3, 10)] == ["act_9", "act_4", "act_3"]
        assert [one.id for one in view.actions(0, 2)] == ["act_9", "act_4"]
        assert [one.id for one in view.actions(0, 10, actor="bob")] == ["act_3"]
        assert [one.id for one in view.actions(0, 10, action="token.revoke")] == ["act_9"]


def test_a_change_is_in_the_ledger_before_it_is_made(data):
    change = Change("key.revoke", "key1", {"revoked": None}, {"revoked": "now"})
    with recorded(data, ANN, change, NOON, CHANCE), LedgerReader(data).view() as view:
        (during,) = view.actions(0, 10)
    with LedgerReader(data).view() as view:
        assert view.actions(0, 10) == [during]
    assert (during.actor, during.role, during.via, during.action) == ("ann (root)", "admin", "cli", "key.revoke")
    assert (during.subject, during.before, during.after) == ("key1", {"revoked": None}, {"revoked": "now"})


def test_a_change_that_fails_is_recorded_as_failed(data):
    with pytest.raises(ZeroDivisionError), recorded(data, ANN, Change("key.create", "key1"), NOON, CHANCE):
        raise ZeroDivisionError
    with LedgerReader(data).view() as view:
        assert [(one.action, one.subject) for one in view.actions(0, 10)] == [
            ("key.create.failed", "key1"),
            ("key.create", "key1"),
        ]


def test_an_action_is_in_no_report(data):
    write(data, *request(1))
    with recorded(data, ANN, Change("key.create", "key1"), NOON, CHANCE):
        pass
    with open_ledger(data) as ledger:
        Shipper(data, ledger).ship_once()
    assert total(Books(data).cost_rows(0, EVER, "team")).requests == 1
    assert audit(data).problems == ()


def test_whoever_shares_a_connection_waits_for_a_transaction_on_it(data):
    """Seen from a thread that may not wait: a statement in between would become a part of the transaction."""
    with open_ledger(data) as ledger, ThreadPoolExecutor(1) as pool:
        database = ledger._database
        whole = database.whole()

        def is_free():
            lock = whole._lock if isinstance(whole, SqliteDatabase) else whole._link.lock
            if lock.acquire(blocking=False):
                lock.release()
                return True
            return False

        with database.transaction():
            assert not pool.submit(is_free).result()
        assert pool.submit(is_free).result()
