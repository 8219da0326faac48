"""What the egress could not carry is reported to the caller; a local server cannot report it in the egress's name."""

import pytest
from support.fakes import Client, Fakes, FakeUpstream, ask, inbound, policy, whole

from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("first", "dropped"), [("away", "top_k"), ("home", None)])
async def test_only_an_answer_through_the_egress_names_what_was_left_out(first, dropped):
    order = [first, "home" if first == "away" else "away"]
    snapshot = policy(rules=[{"kind": "prefer", "by": "order", "order": order}])
    reply = whole(x_egress_dropped="top_k")
    client = Client()
    await handle(inbound(ask()), Fakes(snapshot=snapshot, upstream=FakeUpstream(home=reply, away=reply)).world, client)

    assert client.headers.get("x-gateway-dropped") == dropped
