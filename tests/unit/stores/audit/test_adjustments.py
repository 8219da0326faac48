"""A correction that the ledger cannot have calculated is found, no matter who put it there."""

from dataclasses import replace

import pytest
from support.books import NOON, charged, request, settled, settled_in, ship

from gateway.domain.label import Clearance
from gateway.domain.price import Price
from gateway.domain.target import Target
from gateway.pricing.rerate import rerate
from gateway.pricing.true_up import true_up
from gateway.stores.audit.ledger import audit
from gateway.stores.ledger.rerating import adjustments, book
from tests.support.books import write


def targets(rate):
    price = Price(rate, rate, rate, rate, "yaml")
    return {"home": Target("home", "local", "sglang", "m", (), Clearance(), price, {}, 8, 8)}


def rerated(data, rate, at=NOON):
    records = adjustments(rerate(charged(data, 0, 2 * NOON), targets(rate)).corrections, at)
    book(data, records, at, bytes(9) + bytes([at - NOON]))
    return records


def findings(data):
    return [(one.kind, one.what) for one in audit(data).problems]


def test_corrections_that_were_reckoned_are_right_in_spool_and_ledger(data):
    write(data, *request(1), *request(2))
    for number, rate in enumerate((10**9, 2 * 10**9, 10**9, 2 * 10**9)):
        assert len(rerated(data, rate, NOON + number)) == 2
    shares = {"support": 10**6}
    hour = true_up(settled_in(data, 0, 2 * NOON), shares, targets(1)["home"].price, NOON + 9)
    book(data, hour, NOON + 9, bytes(9) + b"h")
    rerated(data, 3 * 10**9, NOON + 10)
    found = audit(data)
    ship(data)

    assert found.problems == audit(data).problems == ()
    assert found.notes == ()


@pytest.mark.parametrize("changes", [{"amount": 1}, {"id": "adj_other"}, {"price_source": "yaml@ffffffffffffffff"}])
def test_one_that_was_changed_is_named(data, changes):
    write(data, *request(1))
    (record,) = adjustments(rerate(charged(data, 0, 2 * NOON), targets(10**9)).corrections, NOON)
    changed = replace(record, **changes)
    write(data, changed, instance="ins_b")

    assert findings(data) == [("adjustment", changed.id)]


def test_the_same_correction_under_another_name_is_named(data):
    write(data, *request(1))
    (record,) = rerated(data, 10**9)
    write(data, replace(record, id="adj_copy", at=NOON + 1), instance="ins_b")

    assert findings(data) == [("adjustment", "adj_copy")]


def test_the_true_price_of_an_hour_is_checked_too(data):
    write(data, *request(1))
    (record,) = true_up(settled_in(data, 0, 2 * NOON), {"support": 900}, targets(1)["home"].price, NOON)
    write(data, replace(record, amount=record.amount + 1), instance="ins_b")

    assert findings(data) == [("adjustment", record.id)]


@pytest.mark.parametrize("changes", [{"attempt": "att_gone"}, {"decision": "dec_gone"}])
def test_one_without_a_settlement_is_named(data, changes):
    write(data, *request(1))
    (record,) = adjustments(rerate(charged(data, 0, 2 * NOON), targets(10**9)).corrections, NOON)
    write(data, replace(record, **changes), instance="ins_b")

    assert findings(data) == [("stray adjustment", record.id)]


def test_a_call_belongs_to_the_day_it_began_and_to_the_hour_in_which_it_was_done(data):
    midnight = NOON + 43_200 * 10**9
    write(data, *request(1, at=midnight - 10**9 // 2)[:2], settled(1, at=midnight))

    assert [len(charged(data, *span)) for span in ((NOON, midnight), (midnight, 2 * NOON))] == [1, 0]
    assert [len(settled_in(data, *span)) for span in ((NOON, midnight), (midnight, 2 * NOON))] == [0, 1]
