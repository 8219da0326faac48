"""What is sent is what was permitted, and no more."""

import pytest
from support.fakes import Client, Fakes, FakeUpstream, ask, closed, inbound, local, policy, whole

from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio
MAIL = "jane.miller@kontor-12.de"


async def sent(text: str = "Hello", body=None, **changes):
    fakes = Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), away=whole()))
    await handle(inbound(ask(text, **(body or {}))), fakes.world, Client())
    return fakes.upstream


async def test_the_body_names_the_targets_model_and_has_its_parameters():
    upstream = await sent(
        targets=[local("home", params={"set": {"top_k": 5}, "drop": ["seed"]}), closed("away")], body={"seed": 7}
    )
    assert (upstream.body()["model"], upstream.body()["top_k"]) == ("org/home", 5)
    assert "seed" not in upstream.body()


async def test_a_masked_copy_goes_out_under_the_label_of_what_is_left():
    targets = [local("home"), closed("away", clearance={"max": "public", "mask": ["email"]})]
    rules = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
    upstream = await sent(f"Write to {MAIL}", targets=targets, rules=rules)
    (call,) = upstream.calls
    assert call.target.id == "away"
    assert MAIL.encode() not in call.body
    assert call.label.data_class.word == "public"
