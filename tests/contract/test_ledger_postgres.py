"""What only PostgreSQL needs of the ledger: migrations one at a time and whole, months apart, lost connections."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier

import psycopg
import pytest
from support.books import NOON, Books, decision_made, finished, request

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import new_id
from gateway.domain.records import DecisionMade, decode, encode
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.postgres import PostgresLedger, migrate
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.schema import LedgerOutdated
from gateway.stores.sql.postgres import PostgresDatabase


@pytest.fixture
def url(server):
    return server.database()


def run(url, sql):
    with psycopg.connect(url, autocommit=True, options="-c search_path=gateway,public") as connection:
        done = connection.execute(sql)
        return done.fetchall() if done.description else []


def test_many_may_start_at_once(url):
    with ThreadPoolExecutor(8) as pool:
        for ledger in pool.map(lambda number: PostgresLedger(url, str(number), NOON), range(8)):
            ledger.close()
    assert run(url, "SELECT version_num FROM alembic_version") == [("0005",)]


def test_a_step_that_fails_changes_nothing_and_stops_the_start(url):
    run(url, "CREATE SCHEMA gateway")
    run(url, "CREATE TABLE gateway.receipts (mine int)")
    with pytest.raises(LedgerUnavailable, match=r"nothing was changed.*receipts"):
        PostgresLedger(url, "a", NOON)
    assert run(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'gateway'") == [("receipts",)]


def test_a_newer_schema_is_refused(url, tmp_path):
    migrate(url)
    run(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerUnavailable, match="newer"):
        migrate(url)
    with pytest.raises(LedgerUnavailable, match="newer"):
        Books(DataDir(tmp_path, url)).decisions(0, 1)


def test_a_database_without_tables_is_reported_to_readers(url, tmp_path):
    with pytest.raises(LedgerOutdated):
        Books(DataDir(tmp_path, url)).decisions(0, 1)


def test_rows_lie_in_the_month_that_their_id_was_made_in(url):
    made = request(1)[0]
    assert isinstance(made, DecisionMade)
    dated = decode(encode(made).replace(b"dec_000001", new_id("dec", NOON // 10**6, bytes(10)).encode()))
    with PostgresLedger(url, "a", NOON) as ledger:
        ledger.store([dated, made])
        ledger.maintenance.look_ahead(NOON + 40 * 86_400 * 10**9)
    assert (
        run(url, "SELECT count(*) FROM decisions_2026_11") == run(url, "SELECT count(*) FROM decisions_rest") == [(1,)]
    )
    assert run(url, "SELECT count(*) FROM decisions_2027_02") == [(0,)]


def test_a_lost_connection_loses_no_more_than_the_batch(url):
    with PostgresLedger(url, "a", NOON) as ledger:
        ledger.store(request(1))
        run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'")
        with pytest.raises(LedgerUnavailable):
            ledger.store(request(2), "seg", 9)
        assert (len(ledger.store(request(2), "seg", 9).new), ledger.positions()["seg"].offset) == (4, 9)


def test_a_connection_lost_inside_of_a_transaction_does_not_go_on_with_its_rest(url):
    migrate(url)
    database = PostgresDatabase(url)

    def half():
        with database.transaction():
            database.run("INSERT INTO unrolled VALUES (:id)", [{"id": "first"}])
            run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'")
            database.select("SELECT 1 AS one")

    with pytest.raises(LedgerUnavailable):
        half()
    assert run(url, "SELECT * FROM unrolled") == []
    assert database.select("SELECT 1 AS one") == [{"one": 1}]


def test_nor_does_one_who_shares_the_connection(url):
    migrate(url)
    database = PostgresDatabase(url)
    whole, less = database.whole(), database.without("('dec_1')")

    def half():
        with database.transaction():
            run(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'")
            for one in (database, whole, less):
                with pytest.raises(LedgerUnavailable):
                    one.select("SELECT 1 AS one")
            raise LedgerUnavailable("lost")

    with pytest.raises(LedgerUnavailable, match="lost"):
        half()
    assert whole.select("SELECT 1 AS one") == database.select("SELECT 1 AS one") == [{"one": 1}]
    assert whole.connection is database.connection is less.connection


def test_edges_keep_their_own_positions_and_requests(url, tmp_path):
    with PostgresLedger(url, "a", NOON) as one, PostgresLedger(url, "b", NOON) as other:
        one.store(request(1)[:2], "seg", 5)
        assert other.positions() == {}
    here = DataDir(tmp_path, url)
    here.ensure()
    with LedgerReader(here).view() as view:
        assert (view.orphans(), view.unfinished(), len(view.decisions(0, 9))) == ([], [], 1)


def test_a_host_without_a_data_directory_reads_what_the_others_wrote_and_makes_nothing(url, tmp_path):
    with PostgresLedger(url, "a", NOON) as ledger:
        ledger.store(request(1), "seg", 5)
    with LedgerReader(DataDir(tmp_path / "nowhere", url)).view() as view:
        assert len(view.decisions(0, 9)) == 1

    assert list(tmp_path.iterdir()) == []


def test_edges_that_add_to_the_same_sums_at_once_never_wait_for_one_another_in_a_circle(url):
    """Two transactions that lock the same rows in opposite orders end with a deadlock, which one of them loses."""
    teams = [f"team{number:02d}" for number in range(80)]
    together = Barrier(2)

    def book(owner, order):
        with PostgresLedger(url, owner, NOON) as ledger:
            for batch in range(6):
                records = [
                    [replace(made, id=f"{made.id}{owner}{batch}"), replace(end, id=f"{end.id}{owner}{batch}")]
                    for number, team in enumerate(order)
                    for made, end in [(decision_made(number, team=team), finished(number, attempts=0, target=""))]
                ]
                together.wait(10)
                ledger.store([record for pair in records for record in pair])

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(book, owner, order) for owner, order in (("a", teams), ("b", teams[::-1]))]
        for one in done:
            one.result()
    assert run(url, "SELECT sum(requests), count(*) FROM rollup") == [(960, 80)]


def test_what_is_streamed_is_planned_as_what_is_read_to_its_end(url):
    """By default a cursor is planned for its first tenth: before the first ANALYZE that took minutes, not a second."""
    migrate(url)
    with closing(PostgresDatabase(url)) as database:
        assert database.select("SHOW cursor_tuple_fraction") == [{"cursor_tuple_fraction": "1"}]
