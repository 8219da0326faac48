"""Asked again before each attempt: what was permitted may have ended, and nothing is ever added."""

from datetime import UTC, datetime

import pytest
from support.fakes import AT_NS, CARD, Client, Fakes, FakeUpstream, ask, closed, inbound, local, policy, whole

from gateway.pipeline.handle import handle
from gateway.policy.permission import AS_IT_IS, excepting, permission

pytestmark = pytest.mark.anyio

AWAY_ONLY = [{"name": "auto", "candidates": ["away"]}]
MAIL = "Write to ann.miller@corp-mail.de"


def exception(end, **more):
    at = AT_NS // 10**9
    return {
        "id": "trial", "owner": "ann", "reason": "trial", "teams": ["t"],
        "from": datetime.fromtimestamp(at - 10, UTC), "until": datetime.fromtimestamp(at + end, UTC),
    } | more  # fmt: skip


def fakes(*exceptions):
    snapshot = policy(models=AWAY_ONLY, exceptions=list(exceptions))
    return Fakes(snapshot=snapshot, upstream=FakeUpstream(away=[whole(status=500), whole()], home=whole()))


async def send(world, text):
    client = Client()
    await handle(inbound(ask(text)), world.world, client)
    return client


class TestAnExceptionForATarget:
    GRANT = {"targets": ["away"], "max": "confidential", "categories": ["pii"]}  # noqa: RUF012

    async def test_lets_it_see_what_is_written_and_says_so_in_decision_and_ticket(self):
        world = fakes(exception(10, **self.GRANT))
        await send(world, MAIL)
        assert world.spool.decision.decision["excepted"] == (("away", "trial"),)
        assert world.upstream.calls[0].exceptions == ("trial",)
        assert world.upstream.calls[0].label.data_class.word == "confidential"

    async def test_lets_nothing_more_through(self):
        world = fakes(exception(10, **self.GRANT))
        assert (await send(world, CARD)).code == "no_permitted_route"
        assert world.upstream.calls == []

    async def test_its_end_holds_for_the_next_attempt_of_a_request_that_is_on_its_way(self):
        world = fakes(exception(10, **self.GRANT))

        async def late():
            world.clock.wall += 20 * 10**9

        world.upstream.replies["away"][0].before = late
        await send(world, MAIL)
        assert world.upstream.asked == ["away"]


class TestAnExceptionForAFinding:
    async def test_its_end_holds_for_the_next_attempt_too(self):
        world = fakes(exception(10, detectors=["credit_card"]))

        async def late():
            world.clock.wall += 20 * 10**9

        world.upstream.replies["away"][0].before = late
        await send(world, CARD)
        assert world.upstream.asked == ["away"]
        assert world.upstream.calls[0].exceptions == ("trial",)


class TestPermission:
    def test_regions_are_never_excepted(self):
        snapshot = policy(
            targets=[local("home"), closed("away", region="us")],
            floors=[{"match": {"team": "t"}, "regions": ["eu"]}],
            exceptions=[exception(10, **TestAnExceptionForATarget.GRANT)],
        )
        from gateway.domain.label import DataClass, Label

        label = Label(DataClass.CONFIDENTIAL, frozenset(), frozenset({"eu"}))
        assert excepting(snapshot.targets["away"], label, ("trial",), snapshot.teams["t"]) is None

    def test_what_is_cleared_goes_as_it_is(self):
        from gateway.domain.facts import Facts

        snapshot = policy()
        facts = Facts("t", "k", "auto", "openai.chat")
        assert permission(snapshot.targets["away"], facts, snapshot.teams["t"]) is AS_IT_IS

    def test_what_one_vendor_sealed_goes_to_no_other_but_stays_at_home(self):
        from gateway.domain.facts import Facts

        snapshot = policy()
        facts = Facts("t", "k", "auto", "openai.chat", sealed=("api.other.example",))
        assert "sealed" in permission(snapshot.targets["away"], facts, snapshot.teams["t"]).refusal
        assert permission(snapshot.targets["home"], facts, snapshot.teams["t"]) is AS_IT_IS
