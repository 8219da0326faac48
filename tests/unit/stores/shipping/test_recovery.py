"""What a killed gateway leaves open is settled once, at its hold, by the next one."""

from datetime import UTC, datetime

import pytest
from support.books import NOON, SECOND, attempt, decision_made, finished, request, settled, ship, write

from gateway.stores.audit.ledger import audit
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.shipping.recovery import recover
from gateway.stores.spool.reader import read, segments
from gateway.stores.spool.writer import SpoolWriter

LEFT = [
    *request(1),
    decision_made(2),
    attempt(2, zone="closed", hold=4000),
    decision_made(3),
    attempt(3, nth=1, zone="closed", kind=""),
    settled(3, nth=1, outcome="upstream_error", cost=10),
    attempt(3, nth=2, hold=600),
    decision_made(4),
    attempt(4),
    settled(4, cost=50),
]
"""One done, one in its attempt, one in its second attempt, one settled but without its end."""


@pytest.fixture
def writer(data):
    writer = SpoolWriter(data.spool, "ins_b")
    yield writer
    writer.close()


def written(data):
    return [
        record for segment in segments(data.spool) if "ins_b" in segment.name for record in read(segment, 0).records
    ]


@pytest.mark.parametrize("shipped", [False, True])
def test_open_attempts_are_settled_at_their_hold_and_their_requests_ended(data, writer, shipped):
    write(data, *LEFT)
    if shipped:
        ship(data)
    recovered = recover(data, writer, NOON + 10 * SECOND)

    new = {(record.kind, record.id): record for record in written(data)}
    assert (recovered.orphans_settled, recovered.requests_finished) == (2, 3)
    assert sorted(new) == [
        ("finished", "dec_000002"),
        ("finished", "dec_000003"),
        ("finished", "dec_000004"),
        ("settled", "att_000002_1"),
        ("settled", "att_000003_2"),
    ]
    orphan = new["settled", "att_000002_1"]
    assert (orphan.outcome, orphan.cost, orphan.usage.estimated, orphan.status) == ("orphaned", 4000, True, 0)
    costs = [new["finished", f"dec_00000{number}"].cost for number in (2, 3, 4)]
    assert costs == [4000, 610, 50]
    ended = new["finished", "dec_000004"]
    assert (ended.status, ended.error, ended.target) == (499, "orphaned", "home")


def test_after_it_the_books_are_right(data, writer):
    write(data, *LEFT)
    before = audit(data)
    recover(data, writer, NOON)
    ship(data)
    after = audit(data)

    assert {finding.kind for finding in before.problems} == {"orphan", "unfinished"}
    assert after.problems == ()
    assert after.settlements == after.attempts == 5


def test_it_may_be_done_again_also_by_the_start_after_one_that_died_in_it(data, writer):
    write(data, *LEFT)
    dying = SpoolWriter(data.spool, "ins_a2")
    recover(data, dying, NOON)
    dying.close()
    path = segments(data.spool)[1]
    path.write_bytes(path.read_bytes()[:-700])
    half = read(path, 0).records
    recover(data, writer, NOON + SECOND)
    first, again = written(data), recover(data, writer, NOON + 2 * SECOND)

    ids = [(record.kind, record.id) for record in [*half, *first]]
    assert 0 < len(half) < 5
    assert len(ids) == len(set(ids)) == 5
    assert (again.orphans_settled, again.requests_finished) == (0, 0)


def taken(data, since):
    with LedgerReader(data).view() as view:
        rows = view.spent_by(since)
    return {zone: sum(row.cost for row in rows if row.zone == zone) for zone in ("closed", "local")}


def test_what_it_settled_and_what_was_settled_before_counts_from_the_period_s_start(data, writer):
    october = int(datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * SECOND
    paid = settled(8, cost=1 << 40)
    write(data, decision_made(8, at=october - 1), attempt(8, zone="closed"), paid, finished(8, cost=1 << 40), *LEFT)
    recover(data, writer, NOON)

    assert taken(data, october) == {"closed": 4010, "local": 777 + 600 + 50}
    ship(data)
    assert taken(data, october) == {"closed": 4010, "local": 777 + 600 + 50}
    assert taken(data, 0)["closed"] == 4010 + (1 << 40)


def test_requests_of_an_instance_that_still_writes_are_its_own(data, writer):
    living = SpoolWriter(data.spool, "ins_a")
    living.append(*LEFT)
    recovered = recover(data, writer, NOON)

    assert (recovered.orphans_settled, recovered.requests_finished, written(data)) == (0, 0, [])
    living.close()


def test_an_attempt_whose_decision_was_lost_to_damage_is_settled_too(data, writer):
    write(data, attempt(9, hold=70))
    recovered = recover(data, writer, NOON)

    assert recovered.orphans_settled == 1
    assert sum(taken(data, 0).values()) == 70


def test_the_first_start_has_nothing_to_do(data, writer):
    recovered = recover(data, writer, NOON)

    assert (recovered.orphans_settled, recovered.requests_finished) == (0, 0)
    assert taken(data, 0) == {"closed": 0, "local": 0}
