"""Whose budgets are looked at, and that an alert outlives the process that could not deliver it."""

import pytest
from support.books import NOON, attempt, decision_made, finished, settled, write
from support.fakes import policy

from gateway.bootstrap.alerting import Alerting
from gateway.domain.usage import Usage
from gateway.settings import Alerts
from gateway.stores.data_dir import DataDir
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log

CENT = 10_000_000
WEEK_NS = 7 * 86_400 * 1_000_000_000


@pytest.fixture
def data(tmp_path):
    data = DataDir(tmp_path / "data")
    data.ensure()
    return data


def alerting(data, **settings):
    return Alerting(Alerts(**settings), data, None, LedgerMetrics(), Log("ledger"))  # no edge: policy is handed in


def call(number, team="support", key="key1", tokens=900):
    return [
        decision_made(number, team=team, key=key),
        attempt(number, target="vendor", zone="closed", team=team),
        settled(number, cost=CENT, usage=Usage(tokens, 0, 0, 100)),
        finished(number, cost=CENT, reference=None),
    ]


def snapshot(**team):
    teams = [{"id": "support", "default_class": "public"} | team, {"id": "legal", "default_class": "public"}]
    return policy(teams=teams, organization={"budget": {"usd": 0.035, "soft": [80]}})


def summary(alerts):
    return [(one.account.budget.payer, one.account.owner, one.account.unit, one.detail) for one in alerts]


def test_organization_team_and_key_raise_alerts_in_dollars_and_tokens(data):
    write(data, *call(1), *call(2, key="key2"), *call(3, team="legal", key="key3"))
    rules = snapshot(
        budget=[{"tokens": 2000}, {"usd": 1, "soft": [1, 2, 3]}],
        keys=[{"budget": {"usd": 0.01}}, {"id": "key2", "budget": {"tokens": 1500, "soft": [60]}}],
    )
    watch = alerting(data)
    assert summary(watch.look(rules, NOON + 60_000_000_000)) == [
        ("organization", "", "usd", "80 %"),
        ("team", "support", "tokens", "100 %"),
        ("team", "support", "usd", "1 %"),
        ("team", "support", "usd", "2 %"),
        ("key", "key1", "usd", "100 %"),
        ("key", "key2", "tokens", "60 %"),
    ]
    assert watch.look(rules, NOON + 120_000_000_000) == []


def test_what_a_running_call_holds_is_not_spent(data):
    write(data, decision_made(1), attempt(1, zone="closed", hold=100 * CENT))
    assert alerting(data).look(snapshot(budget={"usd": 0.5}), NOON + 60_000_000_000) == []


def test_alerts_that_wait_when_the_process_ends_are_there_at_the_next_start(data, tmp_path):
    (tmp_path / "secret").write_text("s")
    settings = {"webhook_url": "http://127.0.0.1:9/hook", "secret_file": tmp_path / "secret"}
    alerting(data, **settings).webhook.put({"id": "a"})
    assert data.alerts.stat().st_mode & 0o777 == 0o600
    again = alerting(data, **settings)
    assert again.webhook.waiting == [{"id": "a"}]
    data.alerts.write_bytes(b"torn")
    assert alerting(data, **settings).webhook.waiting == []
