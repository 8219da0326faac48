"""The way from spool to ledger: everything, once, in order; files go only when their content is safe."""

import pytest
from support.books import Books, attempt, line, request, settled, ship, write, write_segment
from support.replacing import replace

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.spool.reader import Damage
from gateway.stores.spool.writer import SpoolWriter


def files(data):
    return sorted(path.name for path in data.spool.iterdir())


def test_what_is_new_is_reported_once_and_in_the_spools_order(data):
    write(data, *request(1), *request(2))

    assert ship(data) == [*request(1), *request(2)]
    assert ship(data) == []


def test_a_pass_takes_no_more_than_its_limit_and_says_that_there_is_more(data):
    write(data, *request(1), *request(2))
    with SqliteLedger(data.ledger) as ledger:
        shipper = Shipper(data, ledger)
        passes = [shipper.ship_once(3) for _ in range(4)]

    assert [len(shipped.records) for shipped in passes] == [3, 3, 2, 0]
    assert [shipped.more for shipped in passes] == [True, True, False, False]


def test_the_backlog_is_what_is_not_in_the_ledger(data):
    write(data, *request(1))
    size = sum(len(line(record)) for record in request(1))
    with SqliteLedger(data.ledger) as ledger:
        shipper = Shipper(data, ledger)
        before, shipped = shipper.backlog_bytes(), shipper.ship_once(1)

        assert before == size
        assert shipped.lag_bytes == size - len(line(request(1)[0]))


def test_a_segment_that_is_written_to_stays_and_one_that_is_done_goes(data):
    write(data, *request(1), instance="ins_a")
    writer = SpoolWriter(data.spool, "ins_b")
    writer.append(*request(2))
    with SqliteLedger(data.ledger) as ledger:
        Shipper(data, ledger).ship_once()

    assert files(data) == ["ins_b-000001.spool"]
    writer.close()


def test_positions_of_segments_that_are_gone_are_forgotten(data):
    write(data, *request(1))
    with SqliteLedger(data.ledger) as ledger:
        shipper = Shipper(data, ledger)
        shipper.ship_once()
        shipper.ship_once()

        assert ledger.positions() == {}


def test_a_torn_end_goes_with_its_segment_nobody_was_promised_it(data):
    path = write_segment(data, request(1))
    with path.open("ab") as file:
        file.write(line(request(2)[0])[:-20])

    assert ship(data) == request(1)
    assert files(data) == []


def test_a_segment_with_damage_is_shipped_as_far_as_it_can_be_read_and_kept(data):
    path = write_segment(data, request(1))
    path.write_bytes(path.read_bytes().replace(b'"outcome":"ok"', b'"outcome":"OK"'))
    with SqliteLedger(data.ledger) as ledger:
        shipped = Shipper(data, ledger).ship_once()

    offset = sum(len(line(record)) for record in request(1)[:2])
    assert shipped.damage == [Damage("ins_a-000001.spool", offset)]
    assert [record.kind for record in shipped.records] == ["decision", "attempt", "finished"]
    assert files(data) == ["ins_a-000001.spool.damaged"]


def test_damage_met_by_an_earlier_process_still_keeps_the_file(data):
    path = write_segment(data, request(1))
    path.write_bytes(b"damage\n" + path.read_bytes())
    with SqliteLedger(data.ledger) as ledger:
        Shipper(data, ledger).ship_once(2)
    ship(data)

    assert files(data) == ["ins_a-000001.spool.damaged"]


def test_while_the_database_is_full_the_spool_keeps_everything(data):
    write(data, *[record for number in range(300) for record in request(number)])
    with SqliteLedger(data.ledger) as ledger:
        ledger._database._connection.execute("PRAGMA max_page_count = 30")
        with pytest.raises(LedgerUnavailable):
            Shipper(data, ledger).ship_once()

    assert len(Books(data).decisions(0, 1000)) == 300
    assert len(ship(data)) == 1200


def test_two_shippers_at_once_do_not_double_anything(data):
    write(data, *request(1))
    with SqliteLedger(data.ledger) as one, SqliteLedger(data.ledger) as other:
        first, second = Shipper(data, one).ship_once(2), Shipper(data, other).ship_once()

    assert first.records + second.records == request(1)


def test_a_record_without_the_rest_of_its_request_is_shipped_as_it_is(data):
    write(data, attempt(7))

    assert ship(data) == [attempt(7)]


def test_the_records_of_all_segments_are_shipped_in_one_transaction(data):
    write(data, *request(1), instance="ins_a")
    write(data, *request(2), instance="ins_b")
    said = []
    with SqliteLedger(data.ledger) as ledger:
        ledger._database._connection.set_trace_callback(said.append)
        shipped = Shipper(data, ledger).ship_once()

    assert shipped.records == [*request(1), *request(2)]
    assert said.count("COMMIT") == 1
    assert files(data) == []


def test_a_record_that_no_table_can_take_keeps_the_file_that_it_is_in_and_no_other(data):
    write(data, *request(1), instance="ins_a")
    write(data, replace(settled(2), cost="much"), *request(3), instance="ins_b")
    with SqliteLedger(data.ledger) as ledger:
        shipped = Shipper(data, ledger).ship_once()

    assert shipped.records == [*request(1), *request(3)]
    assert shipped.damage == [Damage("ins_b-000001.spool", 0)]
    assert files(data) == ["ins_b-000001.spool.damaged"]
