"""Once a conversation carried a label, it keeps it: by id, by its turns, and also when the store is away."""

import anyio
import pytest
from support.fakes import CARD, KEY, Client, Clock, Fakes, FakeUpstream, ask, closed, inbound, local, policy, whole

from gateway.domain.records import DecisionMade
from gateway.pipeline.handle import handle
from gateway.ports import Principal, SessionsUnavailable
from gateway.stores.sessions.memory import MemorySessions

pytestmark = pytest.mark.anyio

AWAY_FIRST = [{"kind": "prefer", "by": "order", "order": ["away", "home"]}]
VENDOR_ONLY = [{"name": "auto", "candidates": ["away"]}, {"name": "own", "candidates": ["home"]}]


def fakes(**changes):
    return Fakes(snapshot=policy(rules=AWAY_FIRST, **changes), upstream=FakeUpstream(home=whole(), away=whole()))


async def send(world, *turns, model="auto", **headers):
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(turns)]
    client = Client()
    await handle(inbound(ask() | {"messages": messages, "model": model}, **headers), world.world, client)
    return client


async def zone(world, *turns, **headers):
    return (await send(world, *turns, **headers)).headers.get("x-gateway-zone")


class TestById:
    async def test_a_harmless_turn_after_a_restricted_one_stays_home(self):
        world = fakes()
        assert await zone(world, CARD, x_gateway_session="s") == "local"
        assert await zone(world, "Thanks", x_gateway_session="s") == "local"

    async def test_another_session_is_free(self):
        world = fakes()
        await zone(world, CARD, x_gateway_session="s")
        assert await zone(world, "Thanks", x_gateway_session="u") == "closed"

    async def test_a_summary_under_the_same_id_stays_home(self):
        world = fakes()
        await zone(world, CARD, "Charged", "And now?", x_gateway_session="s")
        assert await zone(world, "We talked of a card. And now?", x_gateway_session="s") == "local"

    async def test_a_dry_run_leaves_no_trace(self):
        world = fakes()
        await send(world, CARD, x_gateway_session="s", x_gateway_dry_run="true")
        assert await zone(world, "Thanks", x_gateway_session="s") == "closed"


class TestByTurns:
    async def test_a_conversation_that_declared_itself_stays_home_without_declaring_again(self):
        world = fakes()
        assert await zone(world, "The plan", x_gateway_data_class="restricted") == "local"
        assert await zone(world, "The plan", "Good", "Go on") == "local"

    async def test_what_one_caller_declares_does_not_taint_anothers(self):
        world = fakes()
        await zone(world, "Hello", x_gateway_data_class="restricted")
        world.keys.principal = Principal("key_2", "t")
        assert await zone(world, "Hello") == "closed"

    async def test_what_stood_before_the_raising_turn_is_not_tainted(self):
        world = fakes()
        assert await zone(world, "Shared opening", "Yes", CARD) == "local"
        assert await zone(world, "Shared opening", "Yes", "Something else") == "closed"
        assert await zone(world, "Shared opening") == "closed"

    async def test_a_finding_that_is_edited_out_of_a_later_turn_frees_the_fork(self):
        world = fakes()
        await zone(world, "a", "b", CARD, "c", "d")
        assert await zone(world, "a", "b", "no card", "c", "d") == "closed"

    async def test_a_detector_that_is_switched_off_later_does_not_free_the_conversation(self):
        world = fakes()
        await zone(world, CARD)
        world.snapshot = policy(
            rules=AWAY_FIRST, sensitivity={"detectors": [{"kind": "credit_card", "enabled": False}]}
        )
        assert await zone(world, CARD, "Charged", "Go on") == "local"
        assert await zone(world, "Say " + CARD) == "closed"


class TestPolicyChanges:
    async def test_a_default_that_is_lowered_later_frees_no_conversation(self):
        """What the team's own label covered when it was said is remembered too."""
        world = fakes(teams=[{"id": "t", "default_class": "confidential"}])
        await send(world, "The plan", x_gateway_session="s", x_gateway_data_class="confidential")
        await send(world, "Write to jane.miller@kontor-12.de", x_gateway_session="u")
        world.snapshot = policy(rules=AWAY_FIRST)
        assert await zone(world, "Go on", x_gateway_session="s") == "local"
        assert await zone(world, "Go on", x_gateway_session="u") == "local"

    async def test_what_everybodys_texts_hold_is_not_kept(self):
        world = fakes(teams=[{"id": "t", "default_class": "internal"}])
        await send(world, "See http://10.1.2.3/status", x_gateway_session="s")
        assert world.sessions._teams == {}


class TestAway:
    """A store that cannot be asked, or cannot keep, makes everything restricted."""

    async def test_one_that_cannot_be_asked_makes_it_restricted(self, monkeypatch):
        world = fakes()

        async def fails(*_):
            raise SessionsUnavailable("away")

        monkeypatch.setattr(world.sessions, "find", fails)
        client = await send(world, "Hello")
        assert client.headers["x-gateway-data-class"] == "restricted"
        assert client.headers["x-gateway-zone"] == "local"

    async def test_what_it_cannot_keep_stays_home(self, monkeypatch):
        world = fakes(targets=[local("home"), closed("away", clearance="confidential")])

        async def fails(*_):
            raise SessionsUnavailable("away")

        monkeypatch.setattr(world.sessions, "add", fails)
        client = await send(world, "Write to ann.miller@corp-mail.de")
        assert client.headers["x-gateway-zone"] == "local"
        assert client.headers["x-gateway-reason"] == "sensitivity"

    async def test_one_that_hangs_is_not_waited_for(self, monkeypatch):
        world = fakes()
        monkeypatch.setattr("gateway.pipeline.session.STORE_SECONDS", 0.01)
        monkeypatch.setattr(world.sessions, "remote", True)
        monkeypatch.setattr(world.sessions, "find", lambda *_: anyio.sleep_forever())
        assert await zone(world, "Hello") == "local"

    async def test_with_no_local_target_it_is_an_error_not_a_leak(self, monkeypatch):
        world = fakes(models=VENDOR_ONLY)

        async def fails(*_):
            raise SessionsUnavailable("away")

        monkeypatch.setattr(world.sessions, "find", fails)
        client = await send(world, "Hello")
        assert client.code == "no_permitted_route"
        assert world.upstream.calls == []


class TestAdvice:
    async def test_for_a_tainted_conversation_that_is_bound_to_a_vendor_the_error_says_what_to_do(self):
        world = fakes(models=VENDOR_ONLY)
        await send(world, CARD, model="own", x_gateway_session="s")
        client = await send(world, "Thanks", x_gateway_session="s")
        assert client.code == "no_permitted_route"
        message = client.json["error"]["message"]
        assert "start a new session" in message
        assert "compact" in message
        assert "session:credit_card" in client.body.decode()
        assert CARD not in client.body.decode()

    async def test_a_message_that_is_itself_too_sensitive_gets_no_such_advice(self):
        client = await send(fakes(models=VENDOR_ONLY), CARD)
        assert "new session" not in client.json["error"]["message"]


class TestSiblings:
    async def test_a_taint_by_a_sibling_is_seen_before_the_next_attempt(self):
        """Two tabs: the second taints the conversation between two attempts of the first."""
        world = fakes(targets=[local("home"), closed("away"), closed("other")],
                      models=[{"name": "auto", "candidates": ["away", "other"]}, VENDOR_ONLY[1]])  # fmt: skip
        hit = []

        async def sibling():
            if not hit:
                hit.append(1)
                await send(world, CARD, model="own", x_gateway_session="s")

        world.upstream.replies["away"] = [whole({"error": {"message": "no"}}, status=500)]
        world.upstream.replies["away"][0].before = sibling
        world.upstream.replies["other"] = [whole()]
        client = await send(world, "Hello", x_gateway_session="s")
        assert "other" not in world.upstream.asked
        assert client.code in {"upstream_error", "no_permitted_route"}

    async def test_without_another_attempt_the_error_says_why(self, monkeypatch):
        world = fakes(models=VENDOR_ONLY)
        found = world.sessions.find
        calls = []

        async def find(team, keys):
            calls.append(keys)
            if len(calls) == 2:
                await send_card(world)
            return await found(team, keys)

        async def send_card(world):
            monkeypatch.setattr(world.sessions, "find", found)
            await send(world, CARD, model="own", x_gateway_session="s")

        monkeypatch.setattr(world.sessions, "find", find)
        client = await send(world, "Hello", x_gateway_session="s")
        assert client.code == "no_permitted_route"
        assert "more sensitive" in client.json["error"]["message"]
        assert world.upstream.asked == ["home"]


def test_the_key_of_these_tests_is_known():
    assert KEY


class Forgetful(MemorySessions):
    """A store that lost what it held: it covers what began after that, and no other conversation."""

    def __init__(self):
        super().__init__(Clock())
        self.begun = set()

    async def covers(self, team, earlier, now, *, keep):
        covered = earlier is not None and (earlier == "" or earlier in self.begun)
        if covered and keep:
            self.begun.add(now)
        return covered


class TestALossOfTheStore:
    @pytest.fixture
    def world(self):
        world = fakes()
        world.sessions = Forgetful()
        return world

    async def test_a_conversation_that_may_be_older_stays_home_and_says_why(self, world):
        client = await send(world, "a", "b", "c")
        assert client.headers["x-gateway-zone"] == "local"
        assert "session:session:lost" in str(world.spool.decision.evidence)

    async def test_one_that_begins_now_is_free_and_stays_free(self, world):
        assert await zone(world, "a") == "closed"
        assert await zone(world, "a", "b", "c") == "closed"
        assert await zone(world, "a", "b", "c", "d", "e") == "closed"

    async def test_an_id_may_be_older_whatever_comes_with_it(self, world):
        assert await zone(world, "a", x_gateway_session="s") == "local"

    async def test_it_stays_home_after_the_day_too_for_as_long_as_it_lasts(self, world):
        await zone(world, "a", "b", "c")
        await zone(world, "d", x_gateway_session="s")
        world.sessions.covers = MemorySessions.covers.__get__(world.sessions)
        assert await zone(world, "a", "b", "c", "d", "e") == "local"
        assert await zone(world, "f", x_gateway_session="s") == "local"
        assert await zone(world, "a") == "closed"


class TestOrigin:
    async def test_the_error_names_the_decision_its_time_and_the_kind(self):
        world = fakes(models=VENDOR_ONLY)
        await send(world, CARD, model="own", x_gateway_session="s")
        first = world.spool.records[0]
        message = (await send(world, "Thanks", x_gateway_session="s")).json["error"]["message"]
        assert f"(a payment card number, decision {first.id} at 20" in message
        assert "new session" in message
        last = [one for one in world.spool.records if isinstance(one, DecisionMade)][-1]
        assert first.id in [one["path"] for one in last.evidence]

    async def test_a_caller_without_a_session_is_told_what_it_can_do(self):
        world = fakes(models=VENDOR_ONLY)
        await send(world, "The plan", model="own", x_gateway_data_class="restricted")
        message = (await send(world, "The plan", "Good", "Go on")).json["error"]["message"]
        assert "(a class that its caller declared, decision " in message
        assert "begin a new conversation without that message" in message
        assert "session" not in message


async def test_a_value_outside_of_the_turns_that_is_masked_is_kept_nowhere():
    """Each request brings it anew; kept, it would fill the store with every chat of an application that names it."""
    world = fakes(targets=[local("home"), closed("away", clearance={"max": "public", "mask": ["email"]})])
    mail = "ann.miller@corp-mail.de"
    system = {"role": "system", "content": f"Refer people to {mail}"}
    client = Client()
    await handle(inbound(ask() | {"messages": [system, {"role": "user", "content": "Hello"}]}), world.world, client)
    assert client.headers["x-gateway-zone"] == "closed"
    assert world.sessions._teams == {}
    await send(world, f"Write to {mail}")
    assert world.sessions._teams != {}
