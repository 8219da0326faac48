"""Attempts come out of the ledger as they were charged; corrections go in once and count everywhere."""

from support.books import NOON, Books, attempt, charged, decision_made, finished, request, settled, ship, spent

from gateway.domain.records import Adjustment
from gateway.domain.usage import Usage
from gateway.stores.audit.ledger import audit
from gateway.stores.ledger.rerating import book
from tests.support.books import write

DAY = 86_400_000_000_000
CHANCE = bytes(10)


def adjustment(number, amount, *, reason="rerate", name=""):
    return Adjustment(
        name or f"adj_{number}_{amount}", f"dec_{number:06d}", f"att_{number:06d}_1", NOON, amount, "yaml:new", reason
    )


def test_every_bucket_comes_back(data):
    usage = Usage(9, 1, 2, 8, 3, True, 1, 1, 1, 2, 4, "flex")
    write(data, decision_made(1), attempt(1), settled(1, usage=usage), finished(1))
    (one,) = charged(data, 0, 2 * NOON)

    assert one.usage == Usage(9, 1, 2, 8, 3, False, 1, 1, 1, 2, 4, "flex")
    assert (one.attempt, one.team, one.target, one.cost, one.source) == ("att_000001_1", "support", "home", 777, "yaml")


def test_what_was_charged_at_its_hold_is_left_out_and_so_is_another_day(data):
    write(data, *request(1), decision_made(2), attempt(2), settled(2, outcome="orphaned"), *request(3, at=NOON + DAY))
    write(
        data, decision_made(4), attempt(4), settled(4, outcome="unknown", usage=Usage(estimated=True)), instance="ins_b"
    )

    assert [one.attempt for one in charged(data, NOON, NOON + DAY)] == ["att_000001_1"]


def test_a_correction_counts_once_wherever_costs_are_read(data):
    write(data, *request(1), *request(2, zone="closed"))
    ship(data)
    reader = Books(data)
    for _ in range(2):
        book(data, [adjustment(2, -77)], NOON, CHANCE)
        unshipped = reader.cost_rows(0, 2 * NOON, "team")
        taken, one = spent(data, ("closed",)), reader.decision("dec_000002")
        ship(data)

        assert [(row.closed_cost, row.local_cost) for row in unshipped] == [(700, 777)]
        assert reader.cost_rows(0, 2 * NOON, "team") == unshipped
        assert taken == spent(data, ("closed",)) == {"support": 700}
        assert (one["cost_usd"], reader.decision("dec_000002")["cost_usd"]) == ("0.0000007", "0.0000007")
    assert charged(data, 0, 2 * NOON)[1].cost == 700


def test_a_corrected_ledger_still_verifies(data):
    write(data, *request(1), adjustment(1, 23))

    found = audit(data)

    assert (found.problems, found.cost) == ((), 777)


def test_what_an_hour_of_hardware_truly_cost_is_no_part_of_the_price(data):
    write(data, *request(1), adjustment(1, 23, reason="gpu_hour"))

    assert charged(data, 0, 2 * NOON)[0].cost == 777
    assert spent(data) == {"support": 800}


def test_nothing_to_correct_leaves_no_segment(data):
    book(data, [], NOON, b"")

    assert list(data.spool.iterdir()) == []
