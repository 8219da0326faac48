import pytest
from support.asgi import Call
from support.fakes import Fakes, budget, policy

from gateway.edge.health import Health
from gateway.edge.internal import METRICS_PATH, STATUS_PATH, Internal
from gateway.telemetry.metrics import EdgeMetrics
from gateway.upstream.board import Board

pytestmark = pytest.mark.anyio


def internal(problem: str = "") -> Internal:
    fakes = Fakes(snapshot=policy(teams=budget(5)))
    health = Health(lambda: 0.0, 0.0, needs_egress=False, egress_seen=bool, spool_ok=lambda: True, recovered=True)
    return Internal(
        health=health,
        policy=lambda: fakes.snapshot,
        keys_problem=lambda: "",
        policy_state=lambda: {"hash": "abc", "in_force": not problem, "problem": problem},
        state=fakes.state,
        now_ns=fakes.clock.wall_ns,
        targets=Board(lambda: 0.0, frozenset).status,
        backlog=lambda: 7,
        metrics=EdgeMetrics(),
        instance="edg_1",
    )


async def test_the_status_tells_policy_targets_and_budgets_and_no_address():
    call = await Call("GET", STATUS_PATH).to(internal())
    status = call.json
    assert (status["instance"], status["ready"], status["draining"], status["spool_backlog_bytes"]) == (
        "edg_1",
        True,
        False,
        7,
    )
    assert status["policy"]["in_force"]
    assert status["targets"]["away"]["state"] == "no_credentials"
    assert status["teams"] == {"t": {"budget_usd": "5.0", "left_usd": "5.0"}}
    assert "127.0.0.1" not in call.body.decode()


async def test_a_policy_that_was_refused_is_reported():
    shown = (await Call("GET", STATUS_PATH).to(internal("p.yaml:1: bad"))).json["policy"]
    assert (shown["in_force"], shown["problem"]) == (False, "p.yaml:1: bad")


async def test_metrics_are_prometheus_text():
    call = await Call("GET", METRICS_PATH).to(internal())
    assert call.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b'gateway_target_up{target="home",zone="local"} 1.0' in call.body
    assert b'gateway_target_up{target="away",zone="closed"} 0.0' in call.body
    assert b'gateway_budget_left_usd{team="t"} 5.0' in call.body


async def test_nothing_else_is_there():
    assert (await Call("GET", "/").to(internal())).status == 404
    await internal()({"type": "lifespan"}, None, None)
