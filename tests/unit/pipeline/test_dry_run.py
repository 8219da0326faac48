"""What a dry run tells; that it leaves nothing behind stands in test_handle."""

import pytest
from support.fakes import Client, Fakes, ask, inbound, policy

from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio


async def test_costs_facts_and_evidence_are_told_without_text():
    client, fakes = Client(), Fakes(snapshot=policy())
    await handle(inbound(ask("ann@example.org"), x_gateway_dry_run="true"), fakes.world, client)
    told = client.json
    assert told["ranked"][0]["hold_nanos"] >= told["ranked"][0]["expected_nanos"] > 0
    assert told["evidence"][0]["detector"] == "email"
    assert told["categories"] == ["pii"]
    assert told["facts"]["label"]["data_class"] == told["data_class"] == "confidential"
    assert told["policy"] == fakes.snapshot.hash
    assert "example.org" not in client.body.decode()
