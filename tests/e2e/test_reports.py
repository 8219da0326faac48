"""Reports of a running gateway: the command line, the admin plane and FOCUS say the same, to the nano-dollar."""

import csv
import io
import json
import shlex
from decimal import Decimal

import pytest
from support.stack import stack

PARTS = ("plain_input_usd", "cached_input_usd", "cache_write_usd", "output_usd", "other_usd")


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        made.document["rollouts"] = []
        yield made.start()


def test_every_way_to_a_report_has_the_same_figures(own):
    answers = [own.chat("Hello", model=model) for model in ("auto", "gpt-5", "gpt-5")]
    made = [own.decision(answer.headers["x-gateway-decision-id"]) for answer in answers]

    report = json.loads(own.cli("report", "costs", "--by", "target", "--format", "json").stdout)
    total = report["total"]
    assert Decimal(total["spend_usd"]) == sum(Decimal(one["cost_usd"]) for one in made) > 0
    assert sum(Decimal(total[part]) for part in PARTS) == Decimal(total["spend_usd"])
    assert (Decimal(total["plain_input_usd"]) > 0, Decimal(total["output_usd"]) > 0) == (True, True)
    assert own.admin_get("/admin/v1/reports/costs?by=target").json()["rows"] == report["rows"]

    rows = list(csv.DictReader(io.StringIO(own.cli("report", "costs", "--format", "focus").stdout)))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal(total["closed_usd"])
    assert {row["SubAccountId"] for row in rows if row["SubAccountId"]} == {"support"}


def test_a_line_opens_to_its_requests_and_their_prices(own):
    answers = [own.chat("Hello", model=model) for model in ("auto", "gpt-5")]
    for answer in answers:
        own.decision(answer.headers["x-gateway-decision-id"])

    report = json.loads(own.cli("report", "costs", "--by", "target", "--format", "json").stdout)
    (line,) = [row for row in report["rows"] if row["name"] == "gpt-5"]
    listed = json.loads(own.cli(*shlex.split(line["list"])[1:], "--format", "json").stdout)

    assert [row["id"] for row in listed] == [answers[1].headers["x-gateway-decision-id"]]
    shown = json.loads(own.cli("decisions", "show", listed[0]["id"], "--format", "json").stdout)
    assert shown["attempt_list"][0]["price_source"].startswith("catalog:")
