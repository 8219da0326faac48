import pytest
from support.fakes import Client, Fakes, FakeUpstream, ask, closed, inbound, local, policy, whole

from gateway.pipeline.finishing import LONGEST_USER_AGENT
from gateway.pipeline.handle import handle

pytestmark = pytest.mark.anyio


async def finished(fakes: Fakes, **headers):
    await handle(inbound(ask(), **headers), fakes.world, Client())
    return fakes.spool.finished


def scene(**changes) -> Fakes:
    return Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), away=whole()))


async def test_the_end_names_who_served_and_what_others_would_have_cost():
    teams = [{"id": "t", "default_class": "public", "reference": "away"}]
    end = await finished(scene(teams=teams))
    assert (end.status, end.target, end.zone, end.attempts) == (200, "home", "local", 1)
    assert (end.cost, end.dearest, end.reference, end.reference_target) == (10_000, 20_000, 20_000, "away")


async def test_a_refused_request_has_an_end_without_an_attempt():
    end = await finished(
        scene(
            targets=[local("home", clearance={"max": "public", "forbid": ["pci"]})],
            models=[{"name": "auto", "candidates": ["home"]}],
            rules=[],
            sensitivity={"detectors": []},
        ),
        x_gateway_data_class="restricted",
    )
    assert (end.status, end.error, end.attempts, end.cost, end.target) == (403, "no_permitted_route", 0, 0, "")


async def test_a_request_without_an_attempt_is_compared_with_no_reference():
    teams = [{"id": "t", "default_class": "restricted", "reference": "away"}]
    changes = {"targets": [local("home", clearance="public"), closed("away")], "teams": teams, "rules": []}
    end = await finished(scene(**changes))
    assert (end.status, end.reference, end.reference_target) == (403, None, "away")


async def test_a_user_agent_is_kept_short():
    assert len((await finished(scene(), user_agent="u" * 5000)).user_agent) == LONGEST_USER_AGENT
