"""The rhythm of shipping: few rounds of many records, and a backlog without a pause."""

import anyio
import pytest
from support.books import Books, request, write

from gateway.bootstrap import shipping
from gateway.bootstrap.shipping import PERIOD_S, Shipping, pause
from gateway.domain.errors import LedgerUnavailable
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.stores.shipping.shipper import Shipper
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log


@pytest.fixture
def data(tmp_path):
    made = DataDir(tmp_path)
    made.ensure()
    return made


@pytest.fixture
def ledger(data):
    with open_ledger(data) as opened:
        yield opened


@pytest.fixture
def metrics():
    return LedgerMetrics()


@pytest.fixture
def made(data, ledger, metrics):
    return Shipping(Shipper(data, ledger), ledger, metrics, None, Log("ledger"), None)


def lag(metrics):
    return next(line for line in metrics.render().decode().splitlines() if line.startswith("gateway_ledger_lag_bytes "))


@pytest.mark.parametrize(
    ("took", "more", "seconds"), [(0.0, False, PERIOD_S), (0.05, False, 0.15), (3.0, False, 0.0), (0.0, True, 0.0)]
)
def test_rounds_have_a_rhythm_and_a_backlog_is_shipped_back_to_back(took, more, seconds):
    assert pause(took, more=more) == pytest.approx(seconds)


def test_a_round_that_took_less_than_it_may_is_not_followed_at_once(data, made):
    write(data, *request(1), *request(2))

    assert made.once() is False
    assert made.once() is False


def test_a_round_that_took_all_that_it_may_is_followed_at_once(data, made, metrics, monkeypatch):
    monkeypatch.setattr(shipping, "ROUND", 6)
    write(data, *request(1), *request(2))

    assert made.once() is True
    assert lag(metrics) != "gateway_ledger_lag_bytes 0.0"
    assert made.once() is False
    assert lag(metrics) == "gateway_ledger_lag_bytes 0.0"


def test_at_the_end_all_is_shipped(data, made, metrics, monkeypatch):
    monkeypatch.setattr(shipping, "ROUND", 3)
    write(data, *[record for number in range(9) for record in request(number)])
    made.rest()

    assert lag(metrics) == "gateway_ledger_lag_bytes 0.0"
    assert len(Books(data).decisions(0, 100)) == 9
    assert list(data.spool.iterdir()) == []


def test_requests_of_before_there_were_sums_are_taken_up_while_others_come(data, ledger, made):
    ledger.store(request(1))
    for table in ("rollup", "rollup_hours", "rollup_spreads"):
        ledger._database.run(f"DELETE FROM {table}", [{}])
    ledger._database.run("INSERT INTO unrolled SELECT id FROM decisions", [{}])
    write(data, *request(2))
    made.once()

    assert ledger._database.select("SELECT * FROM {db}.unrolled") == []


@pytest.mark.anyio
async def test_a_database_that_is_away_is_tried_again(data, ledger, made, monkeypatch):
    """The spool keeps what it has."""
    write(data, *request(1))
    whole, tries = Shipper.ship_once, []

    def away_at_first(self, limit):
        tries.append(limit)
        if len(tries) < 3:
            raise LedgerUnavailable("away")
        return whole(self, limit)

    monkeypatch.setattr(Shipper, "ship_once", away_at_first)
    monkeypatch.setattr(shipping, "PERIOD_S", 0.0)
    async with anyio.create_task_group() as group:
        group.start_soon(made.run)
        while ledger._database.select("SELECT count(*) AS number FROM {db}.decisions")[0]["number"] == 0:
            await anyio.sleep(0)
        group.cancel_scope.cancel()
    assert len(tries) >= 3
