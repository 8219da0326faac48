"""Reading how things stand changes nothing: a dry run must not."""

import pytest
from support.fakes import USD, Client, Fakes, FakeUpstream, ask, budget, inbound, policy, whole

from gateway.pipeline.handle import handle
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.request import request_of, task_of
from gateway.pipeline.standing import Standing, standing
from gateway.ports import Principal

pytestmark = pytest.mark.anyio
GOVERNED = {
    "teams": budget(1),
    "rules": [{"kind": "budget"}, {"kind": "burn_rate", "over": 1}, {"kind": "prefer", "by": "cost"}],
}


def scene(**changes) -> Fakes:
    return Fakes(snapshot=policy(**changes), upstream=FakeUpstream(home=whole(), away=whole()), spent={"t": USD // 4})


def of(fakes: Fakes) -> Standing:
    snapshot = fakes.snapshot
    request = request_of(inbound(), Principal("key_1", "t"), snapshot.teams["t"], snapshot, ask())
    return standing(request, task_of(request), fakes.world)


def test_what_is_left_of_a_budget_is_a_fact():
    assert of(scene(teams=budget(1))).budget_left_nanos == USD - USD // 4
    assert of(scene()) == Standing()


def test_latency_is_gathered_only_where_policy_orders_by_it():
    fakes = scene(rules=[{"kind": "prefer", "by": "latency"}])
    fakes.board.latency = (("home", 5),)
    assert of(fakes).latency_ms == (("home", 5),)
    fakes = scene()
    fakes.board.latency = (("home", 5),)
    assert of(fakes).latency_ms == ()


@pytest.mark.parametrize(("dry", "tracks"), [("true", 0), ("false", 1)])
async def test_a_dry_run_leaves_no_trace_in_the_pace_of_budgets(dry, tracks):
    fakes = scene(**GOVERNED)
    pacing = Pacing()
    fakes.changes = {"pacing": pacing}
    await handle(inbound(x_gateway_dry_run=dry), fakes.world, Client())
    assert len(pacing.as_json()["tracks"]) == tracks
