"""Which requests of a batch came whole, and that they are what reading them back would give."""

import pytest
from support.books import NOON, adjustment, attempt, decision_made, finished, request, settled
from support.replacing import replace

from gateway.domain.money import CostParts
from gateway.domain.usage import Usage
from gateway.stores.ledger import rollup_tables
from gateway.stores.ledger.rows import rows_of
from gateway.stores.ledger.sqlite import SqliteLedger
from gateway.stores.ledger.whole import whole_requests


def inserted(records):
    tables = {}
    for record in records:
        for table, row in rows_of(record):
            tables.setdefault(table, []).append(row)
    return tables


def ids(records, known=()):
    return [whole["id"] for whole, _ in whole_requests(inserted(records), set(known))]


def failed_over():
    usage = Usage(5, 1, 3, 7, 2, estimated=True)
    return [
        decision_made(2),
        attempt(2),
        settled(2, outcome="upstream_error", cost=0),
        attempt(2, nth=2, target="vendor", zone="closed"),
        replace(settled(2, nth=2, cost=5000, usage=usage, parts=CostParts(1, 2, 3, 4)), discount=7),
        finished(2, target="vendor", zone="closed", attempts=2, reference=None),
    ]


def refused():
    return [decision_made(3), finished(3, status=403, error="no_permitted_route", target="", zone="", attempts=0)]


def test_what_came_whole_is_what_reading_it_back_gives(data):
    records = [*request(1), *reversed(failed_over()), *refused()]
    with SqliteLedger(data.ledger) as ledger:
        stored = ledger.store(records)
        read = rollup_tables.read(ledger._database, "1 = 1")
    found = {whole["id"]: (whole, attempts) for whole, attempts in whole_requests(stored.rows, set())}

    assert len(found) == len(read.requests) == 3
    for row in read.requests:
        whole, attempts = found[row["id"]]
        own = read.attempts.get(row["id"], [])
        assert whole == {name: row[name] for name in whole}
        assert attempts == [{name: each[name] for name in one} for one, each in zip(attempts, own, strict=True)]


@pytest.mark.parametrize("missing", range(6))
def test_a_request_of_which_something_is_missing_is_left_out(missing):
    records = failed_over()
    del records[missing]

    assert ids([*records, *request(1)]) == ["dec_000001"]


def test_a_request_of_which_something_was_there_before_is_left_out():
    assert ids([*request(1), *request(2)], known=["dec_000001"]) == ["dec_000002"]


def test_a_request_whose_cost_was_corrected_at_once_is_left_out():
    assert ids([*request(1), *request(2), adjustment(1)]) == ["dec_000002"]


@pytest.mark.parametrize(
    "changed",
    [
        [decision_made(1, model="a\0b"), *request(1)[1:]],
        [*request(1)[:3], replace(finished(1), attempts="1")],
        [*request(1)[:3], replace(finished(1), attempts=1.0)],
        [*request(1)[:2], replace(settled(1), cost="777"), finished(1)],
        [*request(1)[:2], replace(settled(1), cost=None), finished(1)],
        [decision_made(1, team=5), *request(1)[1:]],
    ],
)
def test_a_request_with_a_value_that_a_database_changes_is_left_out(changed):
    assert ids([*changed, *request(2)]) == ["dec_000002"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_request_that_came_whole_is_in_the_sums_once(data, times):
    with SqliteLedger(data.ledger) as ledger:
        for _ in range(times):
            ledger.store([*request(1, at=NOON), *request(1, at=NOON)])
        sums = ledger._database.select("SELECT sum(requests) AS requests, sum(local_cost) AS cost FROM {db}.rollup")
        waiting = ledger._database.select("SELECT * FROM {db}.unrolled")

    assert [tuple(row) for row in sums] == [(1, 777)]
    assert waiting == []


def test_a_correction_that_came_before_its_request_is_in_the_sums(data):
    with SqliteLedger(data.ledger) as ledger:
        ledger.store([adjustment(1, amount=-7)])
        ledger.store(request(1))
        sums = ledger._database.select("SELECT sum(local_cost) AS cost FROM {db}.rollup")
        waiting = ledger._database.select("SELECT * FROM {db}.unrolled")

    assert [tuple(row) for row in sums] == [(770,)]
    assert waiting == []
