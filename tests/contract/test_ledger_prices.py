"""Corrections, hours of hardware and commitments are the same out of every database, shipped or not."""

import pytest
from support.books import NOON, Books, charged, drawn, request, settled_in, spent, worked, write
from support.postgres_server import Postgres
from support.replacing import replace

from gateway.domain.label import Clearance
from gateway.domain.price import Price
from gateway.domain.records import GpuSample
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.pricing.commitment import Commitment
from gateway.pricing.hour import HourTokens
from gateway.pricing.rerate import Correction, rerate
from gateway.stores.audit.ledger import audit
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.stores.ledger.rerating import adjustments, book
from gateway.stores.shipping.shipper import Shipper

EVER = 1 << 62
HOUR = 3_600_000_000_000


@pytest.fixture(params=["sqlite", "postgres"])
def data(request, tmp_path) -> DataDir:
    url = SQLITE
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("server")
        url = server.database()
    made = DataDir(tmp_path, url)
    made.ensure()
    open_ledger(made).close()
    return made


def ship(data):
    with open_ledger(data) as ledger:
        while Shipper(data, ledger).ship_once().more:
            pass


@pytest.mark.parametrize("shipped", [False, True])
def test_a_correction_is_added_once_wherever_costs_are_read(data, shipped):
    write(data, *request(1), *request(2, zone="closed"))
    ship(data)
    for number in range(2):
        found = {call.attempt: call for call in charged(data, 0, EVER)}
        call = found["att_000002_1"]
        book(data, adjustments((Correction("adj_1", call, 700, "yaml:new", "v"),), NOON), NOON, bytes([number] * 10))
        if shipped:
            ship(data)

        assert spent(data, ("closed",)) == {"support": 700}
        assert Books(data).decision("dec_000002")["cost_usd"] == "0.0000007"
        assert [row.closed_cost for row in Books(data).cost_rows(0, EVER, "team")] == [700]
    assert {one.attempt: one.cost for one in charged(data, 0, EVER)} == {"att_000001_1": 777, "att_000002_1": 700}
    assert settled_in(data, 0, EVER)[0].usage == Usage(100, 40, 0, 30)


@pytest.mark.parametrize("shipped", [False, True])
def test_an_hour_of_hardware_has_its_teams_and_its_samples(data, shipped):
    samples = [
        GpuSample(f"gpu_{number}", NOON + number, "home", "a:1", 1, 0, 1.5, 0.5, 0.5, 0, 0, number * 10)
        for number in range(2)
    ]
    write(data, *request(1), *request(2, team="b"), *samples)
    if shipped:
        ship(data)
    (hour,) = worked(data, NOON, NOON + HOUR)

    assert hour.teams == {"support": HourTokens(100, 40, 30), "b": HourTokens(100, 40, 30)}
    assert (hour.measured.samples, hour.measured.tokens) == (2, HourTokens(0, 0, 10))


@pytest.mark.parametrize("shipped", [False, True])
def test_a_commitment_is_drawn_by_what_it_covers(data, shipped):
    write(data, *request(1, zone="closed"), *request(2))
    if shipped:
        ship(data)
    (state,) = drawn(data, [Commitment("c", 1000, NOON, NOON + HOUR, ("vendor",))], NOON + HOUR // 2)

    assert (state.drawn, state.left) == (777, 223)


def test_corrections_are_proven_by_the_rows_alone(data):
    price = Price(10**9, 10**9, 10**9, 10**9, "yaml:2026-11-01")
    targets = {"home": Target("home", "local", "sglang", "m", (), Clearance(), price, {}, 8, 8)}
    write(data, *request(1), *request(2))
    records = adjustments(rerate(charged(data, 0, EVER), targets).corrections, NOON)
    book(data, records, NOON, bytes(10))
    ship(data)
    assert audit(data).problems == ()

    book(data, [replace(records[0], id="adj_slipped_in", at=NOON + 1)], NOON, bytes([1] * 10))
    ship(data)
    assert [(one.kind, one.what) for one in audit(data).problems] == [("adjustment", "adj_slipped_in")]
