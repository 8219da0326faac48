"""Tier 2: asked only before something leaves, by every way out; what it does not say in time counts as everything."""

import pytest
from support.fakes import Client, Fakes, FakeUpstream, ask, inbound, policy, whole

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.pipeline.handle import handle
from gateway.ports import SessionsUnavailable

pytestmark = pytest.mark.anyio

AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
SECRET = Part("secret:tier2", Label(DataClass.RESTRICTED, frozenset({Category.SECRET})))


class Deep:
    """Finds what it was given."""

    def __init__(self, *parts, late=False) -> None:
        self.parts, self.late, self.asked = parts, late, []

    async def look(self, texts):
        self.asked.append(texts)
        if self.late:
            raise TimeoutError
        return self.parts


def fakes(deep, *, rules=AWAY_FIRST, **replies):
    upstream = FakeUpstream(**{"home": whole(), "away": whole()} | replies)
    return Fakes(snapshot=policy(rules=rules), upstream=upstream, changes={"deep": deep})


async def send(world, text="Hello", **headers):
    client = Client()
    await handle(inbound(ask(text), **headers), world.world, client)
    return client


async def test_what_stays_at_home_does_not_wait_for_it():
    deep = Deep(SECRET)
    await send(fakes(deep, rules=[{"kind": "prefer", "by": "order", "order": ["home", "away"]}]))
    assert deep.asked == []


async def test_what_would_leave_is_looked_at_once_with_all_of_its_texts():
    deep = Deep()
    client = await send(fakes(deep), "Hello there")
    assert len(deep.asked) == 1
    assert "Hello there" in deep.asked[0]
    assert client.headers["x-gateway-zone"] == "closed"


async def test_what_it_finds_keeps_the_request_at_home_and_says_so_everywhere():
    world = fakes(Deep(SECRET))
    client = await send(world)
    assert client.headers["x-gateway-zone"] == "local"
    assert client.headers["x-gateway-data-class"] == "restricted"
    assert client.headers["x-gateway-reason"] == "sensitivity"
    assert "secret:tier2" in [one["detector"] for one in world.spool.decision.evidence]


async def test_over_its_deadline_the_request_stays_at_home_but_its_conversation_is_not_tainted():
    deep = Deep(late=True)
    world = fakes(deep)
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-zone"] == "local"
    deep.late = False
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-zone"] == "closed"


async def test_what_it_finds_taints():
    deep = Deep(SECRET)
    world = fakes(deep)
    await send(world, x_gateway_session="s")
    deep.parts = ()
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-zone"] == "local"


async def test_what_cannot_be_kept_stays_home(monkeypatch):
    world = fakes(Deep(SECRET))

    async def fails(*_):
        raise SessionsUnavailable

    monkeypatch.setattr(world.sessions, "add", fails)
    client = await send(world)
    assert client.headers["x-gateway-zone"] == "local"


async def test_a_failover_from_home_to_a_vendor_is_looked_at_too():
    order = [{"kind": "prefer", "by": "order", "order": ["home", "away"]}]
    world = fakes(Deep(SECRET), rules=order, home=whole(status=500))
    await send(world)
    assert world.upstream.asked == ["home"]
    world = fakes(Deep(), rules=order, home=whole(status=500))
    await send(world)
    assert world.upstream.asked == ["home", "away"]


async def test_a_dry_run_tells_the_same_and_taints_nothing():
    deep = Deep(SECRET)
    world = fakes(deep)
    client = await send(world, x_gateway_dry_run="true", x_gateway_session="s")
    assert client.json["target"] == "home"
    deep.parts = ()
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-zone"] == "closed"
