"""The ledger as it is read: spool and database as one, whatever is shipped meanwhile."""

import pytest
from support.books import (
    NOON,
    SECOND,
    Books,
    adjustment,
    attempt,
    decision_made,
    finished,
    policy,
    request,
    settled,
    ship,
    spent,
    write,
    write_segment,
)
from support.replacing import replace

from gateway.domain.costs import GROUPINGS, total
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.money import CostParts
from gateway.domain.usage import Usage
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger import report_sums, snapshot_sqlite
from gateway.stores.ledger import snapshot as ledger_snapshot
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.shipping.shipper import Shipper

FAILED_OVER = [
    decision_made(5, team="legal"),
    attempt(5, nth=1, target="vendor", zone="closed", team="legal"),
    settled(5, nth=1, outcome="upstream_error", cost=100, usage=Usage(10, estimated=True)),
    attempt(5, nth=2, team="legal"),
    settled(5, nth=2, cost=11, usage=Usage(10, 0, 0, 5)),
    finished(5, attempts=2, cost=111, reference=None),
]
RUNNING = [decision_made(6), attempt(6, hold=4000)]


def everything(data):
    """All that a reader can say."""
    with LedgerReader(data).view() as view:
        rows = view.decisions(0, 100)
        return (
            rows,
            [view.decision(row["id"]) for row in rows],
            [view.cost_rows(0, 1 << 62, by) for by in GROUPINGS],
            view.spent_by(0),
            view.orphans(),
            view.policy("policy1"),
        )


def test_before_there_is_anything_there_is_nothing_and_no_error(tmp_path):
    reader = Books(DataDir(tmp_path / "nowhere"))
    assert reader.decisions(0, 10) == []
    assert reader.decision("dec_1") is None
    assert reader.policy("x") is None
    assert reader.cost_rows(0, 1 << 62, "team") == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("shipped", range(13))
def test_it_says_the_same_however_much_of_the_spool_is_shipped(data, shipped):
    records = [policy(), *request(1), *FAILED_OVER, *RUNNING]
    write(data, *records)
    unshipped = everything(data)
    with SqliteLedger(data.ledger) as ledger:
        if shipped:
            Shipper(data, ledger).ship_once(shipped)

        assert everything(data) == unshipped


def test_what_is_shipped_and_removed_while_it_reads_is_neither_missed_nor_doubled(data, monkeypatch):
    """The shipper strikes between the reading of the spool and that of the database."""
    write(data, *request(1), *FAILED_OVER)
    before = everything(data)
    attach = snapshot_sqlite._attach

    def struck(connection, path, mode):
        ship(data)
        return attach(connection, path, mode)

    monkeypatch.setattr(snapshot_sqlite, "_attach", struck)
    assert everything(data) == before
    assert list(data.spool.iterdir()) == []


def test_a_segment_removed_between_listing_and_reading_is_in_the_database(data, monkeypatch):
    write(data, *request(1))
    listing = ledger_snapshot.segments

    def struck(directory):
        found = listing(directory)
        ship(data)
        return found

    monkeypatch.setattr(ledger_snapshot, "segments", struck)
    assert len(Books(data).decisions(0, 10)) == 1


def test_an_empty_database_that_is_just_being_made_is_no_error(data):
    write(data, *request(1))
    data.ledger.touch()

    assert len(Books(data).decisions(0, 10)) == 1


def test_reading_leaves_the_database_as_it_was(data):
    write(data, *request(1))
    ship(data)
    before = data.ledger.read_bytes()
    everything(data)

    assert data.ledger.read_bytes() == before


def test_a_row_has_exactly_what_the_contract_names_and_a_little_more(data):
    write(data, *request(1))
    row = Books(data).decisions(0, 10)[0]

    usage = {"input_tokens": 100, "cached_input_tokens": 40, "cache_write_tokens": 0, "output_tokens": 30}
    assert row == {
        "id": "dec_000001",
        "time": "2026-11-22T12:00:00.000Z",
        "team": "support",
        "key": "key1",
        "model": "auto",
        "target": "home",
        "zone": "local",
        "data_class": "public",
        "reason": "cost",
        "rule": "prefer",
        "status": 200,
        "attempts": 1,
        "usage": {**usage, "reasoning_tokens": 0, "estimated": False},
        "cost_usd": "0.000000777",
        "policy": "policy1",
        "error": None,
        "task": "other",
        "would_drop": 0,
        "latency_ms": 60.0,
        "ttft_ms": 21.0,
        "running": False,
    }


def test_requests_are_found_by_each_dimension_a_report_has(data):
    write(data, *request(1, task="code"), *request(2, zone="closed", key="key2"), decision_made(3, model="gpt-5"))
    reader = Books(data)

    def found(**only):
        return [int(row["id"][-1]) for row in reader.decisions(0, 9, only)]

    assert (found(task="code"), found(key="key2"), found(model="gpt-5")) == ([1], [2], [3])
    assert (found(target="home"), found(target="vendor"), found(target="")) == ([1], [2], [3])
    assert (found(cost_center=""), found(cost_center="4711")) == ([3, 2, 1], [])


def test_rows_are_newest_first_limited_and_of_the_team_that_was_asked_for(data):
    for number in range(6):
        write_segment(data, request(number, at=NOON + number * SECOND, team="ab"[number % 2]), number=number + 1)
        if number == 3:
            ship(data)
    reader = Books(data)

    assert [row["id"][-1] for row in reader.decisions(0, 4)] == ["5", "4", "3", "2"]
    assert [row["id"][-1] for row in reader.decisions(0, 10, {"team": "a"})] == ["4", "2", "0"]
    assert [row["id"][-1] for row in reader.decisions(0, 9, {"team": "a"}, NOON + 4 * SECOND)] == ["2", "0"]
    assert [row["id"][-1] for row in reader.decisions(NOON + 4 * SECOND, 10)] == ["5", "4"]


def test_a_request_counts_all_of_its_attempts_failed_ones_too(data):
    write(data, *FAILED_OVER)
    found = Books(data).decision("dec_000005")

    assert (found["attempts"], found["cost_usd"], found["target"]) == (2, "0.000000111", "home")
    assert found["usage"]["input_tokens"] == 20
    assert found["usage"]["estimated"]
    assert [one["outcome"] for one in found["attempt_list"]] == ["upstream_error", "ok"]
    assert (found["reference_usd"], found["savings_usd"]) == (None, None)


def test_a_running_request_is_shown_with_its_hold_as_cost(data):
    write(data, *RUNNING)
    found = Books(data).decision("dec_000006")

    assert (found["running"], found["status"], found["target"]) == (True, None, "home")
    assert found["cost_usd"] == "0.000004"
    assert found["attempt_list"][0]["settled"] is False


def test_all_of_one_request_is_there_facts_drops_evidence_and_savings(data):
    write(data, *request(1))
    found = Books(data).decision("dec_000001")

    assert found["facts"]["label"]["data_class"] == "public"
    assert [one["target"] for one in found["decision"]["ranked"]] == ["home", "vendor"]
    assert found["decision"]["dropped"][0]["why"] == "naïve <why>"
    assert found["evidence"] == [{"detector": "email", "path": "messages[0].content", "span": [1, 5]}]
    assert found["savings_usd"] == "0.000008223"
    assert found["trace_id"] == "ab" * 16
    assert found["price_source"] == "yaml"


def test_spent_is_what_was_settled_of_requests_that_arrived_since_a_time_and_no_hold(data):
    before = NOON - 100 * SECOND
    early = [decision_made(1, at=before), attempt(1, zone="closed"), settled(1, cost=1)]
    late = [decision_made(2), attempt(2, zone="closed"), settled(2, at=before, cost=10)]
    ours = [decision_made(3), attempt(3), settled(3, cost=100)]
    still = [decision_made(4), attempt(4, zone="closed", hold=1000), decision_made(5), attempt(5, hold=10_000)]
    write(data, *early, *late, *ours, *still)
    for _ in range(2):
        assert spent(data, ("closed",), NOON - SECOND) == {"support": 10}
        assert spent(data, since=NOON - SECOND) == {"support": 110}
        assert spent(data) == {"support": 111}
        ship(data)


def test_a_charge_whose_attempt_was_lost_to_damage_counts_as_paid_to_a_vendor(data):
    write(data, decision_made(1), settled(1, cost=10))

    assert spent(data, ("closed",)) == {"support": 10}


def test_orphans_are_attempts_without_a_settlement_wherever_either_lies(data):
    write(data, *request(1), attempt(2), attempt(3), instance="ins_a")
    ship(data)
    write(data, settled(2), attempt(4), instance="ins_b")

    assert Books(data).orphans() == [attempt(3), attempt(4)]


@pytest.mark.parametrize("by", GROUPINGS)
def test_rows_of_every_grouping_add_up_to_the_same(data, by):
    write(data, *request(1), *FAILED_OVER, *RUNNING, *request(9, zone="closed", cost=50, at=NOON + 90_000 * SECOND))
    row = total(Books(data).cost_rows(0, 1 << 62, by))

    assert (row.requests, row.running, row.served, row.served_local) == (4, 1, 3, 2)
    assert (row.attempts, row.estimated) == (5, 2)
    assert (row.closed_cost, row.local_cost) == (150, 777 + 11 + 4000)
    assert (row.reference, row.referenced, row.compared_cost) == (18_000, 2, 827)
    assert row.local_attempts == 3
    assert sum(row.latency.values()) == (0 if by == "cost_center" else 3)
    assert sum(row.ttft.values()) == (0 if by == "cost_center" else 3)


def test_only_what_is_asked_for_is_in_a_report(data):
    write(data, *request(1, cost=50), *request(2, team="legal", cost=3), *request(3, zone="closed", cost=700))
    with LedgerReader(data).view() as view:
        (row,) = view.cost_rows(0, 1 << 62, "target", {"team": "support", "target": "vendor"})
        groups = view.cost_groups(0, 1 << 62, ("team", "day"))

    assert (row.name, row.closed_cost, row.latency) == ("vendor", 700, {})
    assert {names: each.requests for names, each in groups.items()} == {
        ("legal", "2026-11-22"): 1,
        ("support", "2026-11-22"): 2,
    }


def test_a_cost_is_shown_by_its_parts_and_a_correction_separately(data):
    first, begun, _, end = request(1, cost=100)
    write(data, first, begun, settled(1, cost=100, parts=CostParts(10, 20, 30, 5)), end)
    write(data, adjustment(1, amount=-7, reason="gpu_hour"), *request(2, cost=9), instance="ins_b")
    row = total(Books(data).cost_rows(0, 1 << 62, "team"))

    assert (row.cached_input_cost, row.cache_write_cost, row.output_cost) == (10, 20, 30)
    assert (row.other_cost, row.local_cost) == (5 - 7 + 9, 100 - 7 + 9)
    assert (row.local_attempts, row.trued_up) == (2, 1)


def test_by_target_a_request_counts_where_it_was_served_and_a_charge_where_it_arose(data):
    write(data, *FAILED_OVER)
    rows = {row.name: row for row in Books(data).cost_rows(0, 1 << 62, "target")}

    assert (rows["home"].requests, rows["vendor"].requests) == (1, 0)
    assert (rows["home"].local_cost, rows["vendor"].closed_cost) == (11, 100)


def test_by_target_a_request_that_none_served_counts_for_the_last_that_failed_it(data):
    failed = [decision_made(1), attempt(1), settled(1, outcome="upstream_error", cost=0)]
    write(data, *failed, finished(1, status=502, error="upstream_error", target="", zone="", cost=0))
    write(
        data, decision_made(2), finished(2, status=403, error="no_permitted_route", target="", attempts=0), instance="b"
    )
    rows = {row.name: row for row in Books(data).cost_rows(0, 1 << 62, "target")}

    assert (rows["home"].requests, rows["home"].errors) == (1, 1)
    assert rows["(none)"].requests == 1


def test_a_span_takes_its_start_and_leaves_its_end(data):
    write(data, *request(1, at=NOON), *request(2, at=NOON + 1), *request(3, at=NOON + 2))
    rows = Books(data).cost_rows(NOON, NOON + 2, "day")

    assert [(row.name, row.requests) for row in rows] == [("2026-11-22", 2)]


def plan(seen, sql, parameters):
    """How SQLite goes about a query on the stored side."""
    text = seen.stored._text(sql)
    return [row["detail"] for row in seen.stored._connection.execute("EXPLAIN QUERY PLAN " + text, parameters)]


def test_a_report_never_goes_through_the_whole_history(data):
    """What requests add is read by the time they came, or by their ids."""
    with SqliteLedger(data.ledger) as ledger:
        ledger.store([record for number in range(2000) for record in request(number, team=f"team{number % 7}")])
    rolled = ledger_snapshot.query("rolled")
    with LedgerReader(data).view() as view:
        seen = view._seen
        by_time = plan(seen, rolled.replace("{which}", report_sums._IN_SPAN), {"from_ns": 0, "to_ns": 1 << 62})
        by_id = plan(seen, rolled.replace("{which}", report_sums._NOT_KEPT), {"from_ns": 0, "to_ns": 1 << 62})
        attempts = plan(seen, ledger_snapshot.query("attempts"), {"ids": "[]"})

    for steps in (by_time, by_id, attempts):
        assert not [step for step in steps if step.startswith(("SCAN d", "SCAN a", "SCAN f", "SCAN s"))]
        assert not [step for step in steps if "AUTOMATIC" in step]
    assert "SEARCH d USING INDEX decisions_at (at>? AND at<?)" in by_time


def test_a_list_stops_at_its_limit_instead_of_sorting_everything(data):
    with SqliteLedger(data.ledger) as ledger:
        ledger.store(request(1))
    with LedgerReader(data).view() as view:
        steps = plan(view._seen, ledger_snapshot.query("requests").replace("{which}", "d.at >= 0"), {"limit": 1})

    assert any("USING INDEX decisions_at" in step for step in steps)
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps[:3]


def test_the_ledger_can_be_read_after_its_writer_was_killed(data):
    """A killed writer leaves its write-ahead log behind: the reader takes it into account and needs no repair."""
    write(data, *request(1))
    ledger = SqliteLedger(data.ledger)
    Shipper(data, ledger).ship_once()
    copies = {path.name: path.read_bytes() for path in data.path.iterdir() if path.name.startswith("ledger")}
    ledger.close()
    data.ledger.unlink()
    for name, content in copies.items():
        if not name.endswith("-shm"):
            (data.path / name).write_bytes(content)

    assert copies["ledger.sqlite3-wal"]
    assert len(Books(data).decisions(0, 10)) == 1


def test_a_log_whose_index_was_torn_by_a_kill_is_read_all_the_same(data):
    """Killed within a commit, the writer leaves two heads of the index that differ."""
    write(data, *request(1))
    ledger = SqliteLedger(data.ledger)
    Shipper(data, ledger).ship_once()
    copies = {path.name: path.read_bytes() for path in data.path.iterdir() if path.name.startswith("ledger")}
    ledger.close()
    for name, content in copies.items():
        torn = b"\xff" * 20 + content[20:] if name.endswith("-shm") else content
        (data.path / name).write_bytes(torn)

    assert len(Books(data).decisions(0, 10)) == 1


def test_a_database_whose_making_was_cut_short_by_a_kill_is_read_all_the_same(data):
    """Before the log is switched on there is a journal; one that was left behind must be rolled back before reading."""
    with SqliteLedger(data.ledger) as ledger:
        ledger.store(request(1))
        connection = ledger._database._connection
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE more AS SELECT zeroblob(100000) AS filler")
        copies = {path.name: path.read_bytes() for path in data.path.iterdir() if path.name.startswith("ledger")}
        connection.execute("ROLLBACK")
    for name, content in copies.items():
        (data.path / name).write_bytes(content)

    assert copies["ledger.sqlite3-journal"]
    assert len(Books(data).decisions(0, 10)) == 1


def test_a_reader_does_not_stop_the_writer(data):
    write(data, *request(1))
    ship(data)
    with LedgerReader(data).view() as view, SqliteLedger(data.ledger) as ledger:
        ledger.store(request(2))

        assert len(view.decisions(0, 10)) == 1
    assert len(Books(data).decisions(0, 10)) == 2


def test_damage_in_the_database_is_reported_in_our_words(data):
    data.ledger.write_bytes(b"not a database at all" * 1000)

    with pytest.raises(LedgerUnavailable):
        Books(data).decisions(0, 1)


def test_a_record_that_lies_twice_in_the_unshipped_spool_is_read_once(data):
    broken = replace(settled(2), cost="much")
    write(data, *request(1), *request(3), broken, instance="ins_a")
    write(data, *request(1), *request(4), broken, instance="ins_b")

    rows = Books(data).decisions(0, 10)
    assert sorted(row["id"] for row in rows) == ["dec_000001", "dec_000003", "dec_000004"]
    assert {row["cost_usd"] for row in rows} == {"0.000000777"}
