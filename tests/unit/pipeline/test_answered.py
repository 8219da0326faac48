"""What a vendor says counts: its answer taints the conversation before the client has the end of it."""

import pytest
from support.fakes import (
    BLOCK_START,
    CARD,
    DONE,
    MESSAGE_DELTA,
    MESSAGE_START,
    MESSAGE_STOP,
    MESSAGES,
    Client,
    Fakes,
    FakeUpstream,
    ask,
    chunk,
    closed,
    completion,
    inbound,
    local,
    message,
    named,
    policy,
    stream,
    whole,
)
from support.seals import signature

from gateway.pipeline import answered
from gateway.pipeline.handle import handle
from gateway.ports import SessionsUnavailable, UpstreamBroken

pytestmark = pytest.mark.anyio

AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]


def fakes(*away, home=None):
    return Fakes(snapshot=policy(rules=AWAY_FIRST), upstream=FakeUpstream(away=[*away, whole()], home=home or whole()))


async def send(world, *, dialect=None, turns=None, **headers):
    body = ask() if turns is None else ask() | {"messages": turns}
    client = Client()
    if dialect is None:
        await handle(inbound(body, **headers), world.world, client)
    else:
        await handle(inbound(body, dialect, **headers), world.world, client)
    return client


HALVES = (CARD[:9], CARD[9:])


@pytest.mark.parametrize(
    "answer",
    [
        whole(completion(f"Use {CARD}")),
        stream(chunk("Use "), *map(chunk, HALVES), chunk(finish="stop"), DONE),
    ],
    ids=["whole", "stream"],
)
async def test_a_card_in_a_vendors_answer_keeps_the_rest_of_the_conversation_at_home(answer):
    world = fakes(answer)
    asked = ask(stream="event-stream" in answer.headers["content-type"])
    client = Client()
    await handle(inbound(asked, x_gateway_session="s"), world.world, client)
    assert client.headers["x-gateway-zone"] == "closed"
    client = await send(world, x_gateway_session="s")
    assert client.headers["x-gateway-zone"] == "local"
    assert client.headers["x-gateway-data-class"] == "restricted"


async def test_without_an_id_it_taints_the_conversation_as_it_was_asked():
    world = fakes(whole(completion(f"Use {CARD}")))
    turns = [{"role": "user", "content": "Which card?"}]
    await send(world, turns=turns)
    more = [*turns, {"role": "assistant", "content": "(left out)"}, {"role": "user", "content": "Thanks"}]
    assert (await send(world, turns=more)).headers["x-gateway-zone"] == "local"


async def test_the_taint_is_there_before_the_end_of_the_stream():
    world = fakes(stream(*map(chunk, HALVES), chunk(finish="stop"), DONE))
    seen = []

    async def look(data):
        if b"[DONE]" in data:
            (key,) = (key for key in world.sessions._teams["t"] if key.startswith("s:"))
            seen.append(world.sessions._teams["t"].get(key).labels)

    client = Client()
    client.on_send = look
    await handle(inbound(ask(stream=True), x_gateway_session="s"), world.world, client)
    assert "credit_card" in seen[0]


async def test_an_answer_that_is_cut_off_counts_as_far_as_it_came():
    world = fakes(stream(chunk(f"Use {CARD}"), UpstreamBroken("cut", sent=True)))
    await handle(inbound(ask(stream=True), x_gateway_session="s"), world.world, Client())
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-data-class"] == "restricted"


async def test_a_store_that_is_away_at_the_end_does_not_cost_the_answer(monkeypatch):
    world = fakes(whole(completion(f"Use {CARD}")))

    async def fails(*_):
        raise SessionsUnavailable("away")

    monkeypatch.setattr(world.sessions, "add", fails)
    assert (await send(world)).status == 200


async def test_an_answer_too_long_to_be_read_counts_as_unscannable(monkeypatch):
    monkeypatch.setattr(answered, "MOST_BYTES", 10)
    world = fakes(stream(chunk("Hello"), chunk(finish="stop"), DONE))
    client = Client()
    await handle(inbound(ask(stream=True), x_gateway_session="s"), world.world, client)
    assert (await send(world, x_gateway_session="s")).headers["x-gateway-data-class"] == "restricted"


THINKING = named("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
SIGNED = named("content_block_delta", index=0, delta={"type": "signature_delta", "signature": "EqQBSIGNED"})
SEALED = {"type": "thinking", "thinking": "Hm", "signature": "EqQBSIGNED"}


class TestSealed:
    """Signed thinking goes back to who signed it, to our own hardware, and to nobody else."""

    def world(self, **more):
        targets = [local("home", kind="anthropic"), closed("away", kind="anthropic", api_base="https://api.anthropic.com"),
                   closed("other", kind="anthropic", api_base="https://other.example")]  # fmt: skip
        snapshot = policy(
            targets=targets,
            models=[{"name": "auto", "candidates": ["away", "other", "home"]}],
            rules=[{"kind": "prefer", "by": "order", "order": more.pop("order", ["away", "other", "home"])}],
            **more,
        )
        first = stream(MESSAGE_START, THINKING, SIGNED, BLOCK_START, MESSAGE_DELTA, MESSAGE_STOP)
        rest = whole(message())
        return Fakes(snapshot=snapshot, upstream=FakeUpstream(away=[first, rest], other=rest, home=rest))

    TURNS = (
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [SEALED, {"type": "text", "text": "Hi"}]},
        {"role": "user", "content": "Go on"},
    )

    async def test_it_may_go_back_to_its_vendor(self):
        world = self.world()
        await handle(inbound(ask(stream=True), MESSAGES), world.world, Client())
        client = await send(world, dialect=MESSAGES, turns=list(self.TURNS))
        assert client.headers["x-gateway-target"] == "away"
        assert client.headers["x-gateway-data-class"] == "public"

    async def test_it_goes_to_no_other_vendor(self):
        world = self.world()
        await handle(inbound(ask(stream=True), MESSAGES), world.world, Client())
        world.upstream.replies["away"] = [whole(status=500)]
        client = await send(world, dialect=MESSAGES, turns=list(self.TURNS))
        assert client.headers["x-gateway-target"] == "home"
        assert "other" not in world.upstream.asked

    async def test_one_that_nobody_issued_cannot_be_scanned(self):
        client = await send(self.world(), dialect=MESSAGES, turns=list(self.TURNS))
        assert client.headers["x-gateway-data-class"] == "restricted"
        assert client.headers["x-gateway-target"] == "home"

    async def test_one_from_before_the_gateway_may_go_back_to_the_vendor_whose_form_it_has(self):
        world = self.world()
        world.upstream.replies["away"] = [whole(message())]
        client = await send(world, dialect=MESSAGES, turns=self.turns(signature()))
        assert client.headers["x-gateway-target"] == "away"
        assert client.headers["x-gateway-data-class"] == "public"
        assert "sealed:unseen" in [one["detector"] for one in world.spool.decision.evidence]
        assert "other" not in [ranked["target"] for ranked in world.spool.decision.decision["ranked"]]

    @pytest.mark.parametrize(
        "changes",
        [
            {"sensitivity": {"vendor_opaque": "known_only"}},
            {"teams": [{"id": "t", "default_class": "confidential"}]},
        ],
    )
    async def test_it_may_not_where_seals_must_be_known(self, changes):
        client = await send(self.world(**changes), dialect=MESSAGES, turns=self.turns(signature()))
        assert client.headers["x-gateway-data-class"] == "restricted"
        assert client.headers["x-gateway-target"] == "home"

    async def test_it_may_not_if_text_is_hidden_in_it(self):
        client = await send(self.world(), dialect=MESSAGES, turns=self.turns(signature(cipher=CARD.encode() * 3)))
        assert client.headers["x-gateway-target"] == "home"

    async def test_it_may_not_where_labels_may_be_lost(self, monkeypatch):
        world = self.world()

        async def lost(*_, **__):
            return False

        monkeypatch.setattr(world.sessions, "covers", lost)
        client = await send(world, dialect=MESSAGES, turns=self.turns(signature()))
        assert client.headers["x-gateway-target"] == "home"

    async def test_one_of_our_own_engine_goes_home_only(self):
        world = self.world(order=["home", "away", "other"])
        seal = signature()
        thinking = {"type": "thinking", "thinking": "Hm", "signature": seal}
        world.upstream.replies["home"] = [
            whole(message(content=[thinking, {"type": "text", "text": "Hi"}])),
            whole(status=500),
        ]
        await send(world, dialect=MESSAGES, turns=[self.TURNS[0]])
        client = await send(world, dialect=MESSAGES, turns=self.turns(seal))
        assert client.status != 200
        assert world.upstream.asked == ["home", "home"]

    def turns(self, seal):
        thinking = {"type": "thinking", "thinking": "Hm", "signature": seal}
        answer = {"role": "assistant", "content": [thinking, {"type": "text", "text": "Hi"}]}
        return [self.TURNS[0], answer, self.TURNS[2]]


SCHEMA = {"type": "json_schema", "schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("asked", "wants"),
    [
        ({"response_format": {"type": "json_object"}}, True),
        ({"output_config": {"format": SCHEMA}}, True),
        ({"output_format": SCHEMA}, True),
        ({"output_config": {"effort": "low"}}, False),
        ({"output_config": "x", "output_format": 5}, False),
        ({"response_format": {"type": ["json_object"]}}, False),
    ],
)
def test_json_is_asked_for_in_either_dialect(asked, wants):
    assert answered.wants_json(asked) is wants
