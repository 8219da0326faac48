"""The database: each record once, together with its position, or not at all."""

import sqlite3
from contextlib import closing

import pytest
from support.books import NOON, Books, decision_made, finished, policy, request, settled

from gateway.domain.decision import Decision, Dropped, Ranked
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.records import Settled
from gateway.domain.usage import Usage
from gateway.stores.audit.ledger import audit
from gateway.stores.ledger import schema as ledger_schema
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.ledger.writer import Position


def count(data, table):
    connection = sqlite3.connect(data.ledger)
    try:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    finally:
        connection.close()


def test_storing_twice_is_the_same_as_storing_once(data):
    records = [policy(), *request(1)]
    with SqliteLedger(data.ledger) as ledger:
        first, second = ledger.store(records, "s", 10), ledger.store(records, "s", 10)

    assert (first.new, second.new) == (records, [])
    assert [count(data, table) for table in ("policies", "decisions", "attempts", "settlements", "finished")] == [1] * 5


def test_what_was_first_stays(data):
    with SqliteLedger(data.ledger) as ledger:
        ledger.store(request(1, cost=5))
        ledger.store([settled(1, cost=9)])

    assert Books(data).decision("dec_000001")["cost_usd"] == "0.000000005"


def test_a_position_never_goes_back(data):
    with SqliteLedger(data.ledger) as ledger:
        ledger.store([], "s", 10, damaged=True)
        ledger.store([], "s", 5)
        positions = ledger.positions()
        ledger.forget("s")

        assert positions == {"s": Position(10, damaged=True)}
        assert ledger.positions() == {}


def test_records_may_come_in_any_order(data):
    made, started, paid, end = request(1)
    with SqliteLedger(data.ledger) as ledger:
        ledger.store([end, paid])
        ledger.store([started, made])

    with LedgerReader(data).view() as view:
        assert view.orphans() == []
        assert view.unfinished() == []


def test_a_record_that_no_table_can_take_does_not_hold_up_the_others(data):
    broken = Settled("att_x", "dec_x", NOON, "ok", 200, Usage(input_tokens=1 << 70), 1)
    nonsense = Settled("att_y", "dec_y", NOON, "ok", 200, Usage(), cost="much")
    with SqliteLedger(data.ledger) as ledger:
        stored = ledger.store([broken, nonsense, *request(1)], "s", 10)

        assert stored.refused == [broken, nonsense]
        assert stored.new == request(1)
        assert ledger.positions()["s"].damaged


def test_a_full_disk_leaves_neither_records_nor_position_and_may_recover(data):
    records = [record for number in range(200) for record in request(number)]
    with SqliteLedger(data.ledger) as ledger:
        pages = ledger._database._connection.execute("PRAGMA page_count").fetchone()[0]
        ledger._database._connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(LedgerUnavailable, match="full"):
            ledger.store(records, "s", 10)
        assert ledger.positions() == {}
        ledger._database._connection.execute("PRAGMA max_page_count = 1000000")

        assert ledger.store(records, "s", 10).new == records


def test_a_database_of_a_newer_gateway_is_refused_by_writer_and_reader(data):
    SqliteLedger(data.ledger).close()
    connection = sqlite3.connect(data.ledger)
    connection.execute("INSERT INTO schema_version VALUES (999, 0)")
    connection.commit()
    connection.close()

    with pytest.raises(LedgerUnavailable, match="newer gateway"):
        SqliteLedger(data.ledger)
    with pytest.raises(LedgerUnavailable, match="newer gateway"):
        Books(data).decisions(0, 1)


def test_an_older_database_is_brought_forward_and_keeps_its_rows(data, monkeypatch):
    with SqliteLedger(data.ledger) as ledger:
        ledger.store(request(1))
    steps = {**ledger_schema.migrations(), ledger_schema.newest() + 1: "ALTER TABLE finished ADD COLUMN more TEXT;\n"}
    monkeypatch.setattr(ledger_schema, "migrations", lambda: steps)
    with pytest.raises(LedgerUnavailable, match="start the gateway once"):
        Books(data).decisions(0, 1)
    SqliteLedger(data.ledger).close()

    assert [row["id"] for row in Books(data).decisions(0, 1)] == ["dec_000001"]


def test_a_step_that_fails_leaves_the_database_as_it_was(data, monkeypatch):
    monkeypatch.setattr(
        ledger_schema, "migrations", lambda: {1: "CREATE TABLE one (x);\n", 2: "CREATE TABLE one (x);\n"}
    )
    with pytest.raises(LedgerUnavailable):
        SqliteLedger(data.ledger)
    with closing(sqlite3.connect(data.ledger)) as connection:
        assert ledger_schema.version_of(connection) == 0


def test_a_file_that_is_not_a_database_is_reported_not_overwritten(data):
    data.ledger.write_text("these are my notes\n" * 100)

    with pytest.raises(LedgerUnavailable):
        SqliteLedger(data.ledger)
    assert data.ledger.read_text().startswith("these are my notes")


def test_the_database_is_for_its_owner_alone(data):
    SqliteLedger(data.ledger).close()

    assert data.ledger.stat().st_mode & 0o777 == 0o600


def test_every_commit_is_synced_because_segments_are_removed_on_the_strength_of_it(data):
    with SqliteLedger(data.ledger) as ledger:
        settings = [
            ledger._database._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]

    assert settings == ["wal", 2]


def test_a_decision_is_stored_as_the_bytes_that_a_replay_must_give(data):
    decision = Decision(
        model='näme "quoted"',
        ranked=(
            Ranked("a", "local", 1 << 62, 0, 0.1),
            Ranked("b", "closed", 1, 2, None),
            Ranked("c", "local", 0, 0, 1.0),
        ),
        dropped=(Dropped("x", "r", "policy", "détail\n", "</script>"),),
        reason=None,
        rule="",
        policy="p",
        facts="f",
        would_drop=(Dropped("y", "r", "sensitivity", "d"),),
        alarms=("a", "b"),
    )
    made = decision_made(1)
    with SqliteLedger(data.ledger) as ledger:
        ledger.store(
            [type(made)(**{name: getattr(made, name) for name in made.__slots__} | {"decision": decision.as_json()})]
        )
    with LedgerReader(data).view() as view:
        stored = view.stored("dec_000001")

    assert stored.canonical == decision.canonical()


def test_no_column_could_hold_a_prompt(data):
    """All text columns come from records; records are made of facts, and facts hold no text."""
    SqliteLedger(data.ledger).close()
    connection = sqlite3.connect(data.ledger)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {row[1] for table in tables for row in connection.execute(f"PRAGMA table_info({table})")}
    connection.close()

    assert not columns & {"messages", "prompt", "content", "body", "input", "output"}
    assert finished(1).user_agent == ""


def test_books_of_before_there_were_receipts_are_brought_forward_and_verify(data, monkeypatch):
    first = {1: ledger_schema.migrations()[1]}
    with monkeypatch.context() as patch:
        patch.setattr(ledger_schema, "migrations", lambda: first)
        SqliteLedger(data.ledger).close()
    start, begun, paid, end = request(1, zone="closed")
    old = sqlite3.connect(data.ledger)
    insert_old = {name: getattr(begun, name) for name in begun.__slots__ if name != "attempt_kind"}
    old.execute(
        f"INSERT INTO attempts ({', '.join(insert_old)}) VALUES ({', '.join('?' * len(insert_old))})",
        tuple(insert_old.values()),
    )
    old.commit()
    old.close()
    with SqliteLedger(data.ledger) as ledger:
        ledger.store([start, paid, end])
    found = audit(data)

    assert (found.schema, found.problems) == (ledger_schema.newest(), ())
    assert [note.kind for note in found.notes] == ["before receipts"]
