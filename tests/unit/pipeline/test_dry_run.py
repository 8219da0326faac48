"""What a dry run shows. That it leaves nothing behind is tested in test_handle."""

import pytest
from support.fakes import Client, Fakes, ask, inbound, policy

from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio


async def test_costs_facts_and_evidence_are_reported_without_text():
    client, fakes = Client(), Fakes(snapshot=policy())
    await handle(inbound(ask("ann@blue-heron.net"), x_gateway_dry_run="true"), fakes.world, client)
    answer = client.json
    assert answer["ranked"][0]["hold_nanos"] >= answer["ranked"][0]["expected_nanos"] > 0
    assert answer["evidence"][0]["detector"] == "email"
    assert answer["categories"] == ["pii"]
    assert answer["facts"]["label"]["data_class"] == answer["data_class"] == "confidential"
    assert answer["policy"] == fakes.snapshot.hash
    assert "example.org" not in client.body.decode()


async def test_what_a_spent_budget_would_refuse_has_no_target():
    rules = [{"kind": "budget"}, {"kind": "prefer", "by": "order", "order": ["away", "home"]}]
    team = {"usd": 0.0, "covers": "closed", "on_exhausted": "reject"}
    snapshot = policy(rules=rules, teams=[{"id": "t", "default_class": "public", "budget": team}])
    client = Client()
    await handle(inbound(ask(), x_gateway_dry_run="true"), Fakes(snapshot=snapshot).world, client)
    assert (client.json["target"], client.json["refused"]) == (None, "budget_exceeded")
