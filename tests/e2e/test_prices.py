"""Prices in a running gateway: what was charged is named, hours are measured, corrections are booked beside it."""

import json
from decimal import Decimal

import pytest
import yaml
from support.stack import stack

SPAN = ("--from", "2026-01-01", "--to", "2126-01-01")


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        made.document["rollouts"] = []
        yield made.start()


def report(own, *arguments):
    done = own.cli(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_local_servers_are_measured_and_each_hour_sums_to_its_bill(own):
    answer = own.chat("Hello", model="auto")
    own.decision(answer.headers["x-gateway-decision-id"])

    def measured():
        rows = report(own, "report", "gpu", *SPAN)["rows"]
        return [row for row in rows if row["samples"] and "support" in row["shares_usd"]]

    (row,) = own.wait_for(measured, "a sample")

    assert row["target"] == "qwen3-32b"
    assert sum(Decimal(share) for share in row["shares_usd"].values()) == Decimal(row["bill_usd"])
    assert {one["target"] for one in row["against"]} == {"claude-sonnet", "gpt-5"}


def test_a_period_is_priced_anew_while_the_gateway_serves(own, tmp_path):
    answer = own.chat("Hello", model="gpt-5")
    decision = own.decision(answer.headers["x-gateway-decision-id"])
    document = own.document | {"prices": [{"target": "gpt-5", "from": "2026-01-01", "discount": 0.5}]}
    (tmp_path / "corrected").mkdir()
    (tmp_path / "corrected" / "policy.yaml").write_text(yaml.safe_dump(document))
    rerate = ("ledger", "rerate", *SPAN, "--policies", str(tmp_path / "corrected"))

    assert decision["price_source"].startswith("catalog:")
    shown = report(own, *rerate)
    assert report(own, *rerate) == shown
    (row,) = shown["rows"]
    assert (row["before_usd"], row["decision"]) == (decision["cost_usd"], decision["id"])
    assert row["price_after"].endswith(":2026-01-01-50%")
    report(own, *rerate, "--apply")
    report(own, *rerate, "--apply")
    adjusted = own.decision(decision["id"])
    assert adjusted["cost_usd"] == row["after_usd"]
    own.wait_for(lambda: own.rows("SELECT id FROM adjustments"), "a shipped adjustment")
    assert own.decision(decision["id"])["cost_usd"] == row["after_usd"]
    assert own.cli("ledger", "verify").returncode == 0
