"""Whoever runs out of room for the ledger hears of it days before."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.books import NOON, SECOND, request, ship, write

from gateway.bootstrap import room
from gateway.bootstrap.room import Room
from gateway.settings import load
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.place import open_ledger
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log

pytestmark = pytest.mark.anyio
DAY = 86_400 * SECOND


class Posted:
    def __init__(self) -> None:
        self.alerts: list[dict] = []

    def put(self, alert: dict) -> None:
        self.alerts.append(alert)


@pytest.fixture
def data(tmp_path):
    made = DataDir(tmp_path / "data")
    made.ensure()
    for number in range(1, 41):
        write(made, *request(number, at=NOON - DAY), instance=f"ins_{number}")
    ship(made)
    return made


def gauges(metrics: LedgerMetrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.render().decode())
    return {family.name: family.samples[0].value for family in families if family.samples}


async def looked(data, free, monkeypatch, **settings):
    monkeypatch.setattr(room, "free_bytes", lambda _: free)
    metrics, posted = LedgerMetrics(), Posted()
    with open_ledger(data) as ledger:
        one = Room(load(None, {"data_dir": data.path, **settings}, {}), ledger, metrics, Log("ledger"), posted)
        await one.look(NOON)
    return gauges(metrics), posted.alerts


async def test_days_left_are_free_bytes_over_bytes_a_day(data, monkeypatch):
    found, alerts = await looked(data, 10**12, monkeypatch)

    growth = found["gateway_ledger_growth_bytes_per_day"]
    assert 0 < growth < found["gateway_ledger_bytes"]
    assert found["gateway_ledger_days_left"] == pytest.approx((10**12 - 64 * 2**20) / growth, rel=0.01)
    assert alerts == []


async def test_an_alert_is_raised_before_the_volume_is_full(data, monkeypatch):
    found, alerts = await looked(data, 64 * 2**20 + 1000, monkeypatch)

    assert found["gateway_ledger_days_left"] < 14
    assert [(one["type"], one["id"]) for one in alerts] == [("ledger_fills", "ledger_fills:2026-11-22")]
    assert alerts[0]["days_left"] == pytest.approx(found["gateway_ledger_days_left"], abs=0.1)


async def test_free_pages_inside_of_the_file_are_room_too(data, monkeypatch):
    before, _ = await looked(data, 64 * 2**20, monkeypatch)
    with open_ledger(data) as ledger, ledger._database.transaction():
        ledger._database.run("DELETE FROM explanations", [{}])

    after, _ = await looked(data, 64 * 2**20, monkeypatch)

    assert after["gateway_ledger_days_left"] > before["gateway_ledger_days_left"]


async def test_of_a_server_whose_volume_nobody_named_no_days_are_made_up(data, monkeypatch):
    one = Room(load(None, {"ledger.url": "postgresql://x/y"}, {}), None, LedgerMetrics(), Log("ledger"), None)

    assert one._free(room.Held(10, 1, 1, 1.0), 0) is None
    named = load(None, {"ledger.url": "postgresql://x/y", "ledger.volume_bytes": 100}, {})
    assert Room(named, None, LedgerMetrics(), Log("ledger"), None)._free(room.Held(10, 1, 1, 1.0), 0) == 90
