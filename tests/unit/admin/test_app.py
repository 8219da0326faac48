"""The admin plane: what is open, what needs the token, and what it says when something is away."""

import httpx
import pytest
from support.admin_plane import GUARDED, NAMED, OPEN, STATUS, TOKEN, away, get, sources, unexpected

from gateway.admin.app import build

pytestmark = pytest.mark.anyio


async def test_a_lead_sees_only_its_own_teams():
    assert (await get("/admin/v1/teams", token="lead")).json() == {"support": {"left_usd": "1.5"}}
    assert (await get("/admin/v1/me", token="lead")).json() == {
        "name": "bob",
        "roles": ["lead"],
        "teams": ["support"],
        "rights": ["costs", "decisions", "disputes", "teams"],
    }


async def test_the_live_state_names_teams_only_to_those_who_may_see_them():
    assert (await get("/admin/v1/status", token="viewer")).json() == STATUS
    assert "teams" not in (await get("/admin/v1/status", token="operator")).json()


async def test_sources_are_asked_in_the_name_of_who_asks():
    asked = []

    def note(*arguments):
        asked.append(arguments)
        return {}

    backend = sources(decisions=lambda *a: [note(*a)], decision=note, costs=note)
    for path in ("/admin/v1/decisions", "/admin/v1/decisions/dec_1", "/admin/v1/reports/costs"):
        await get(path, backend, token="lead")

    assert [arguments[0] for arguments in asked] == [NAMED["lead"]] * 3


async def test_the_list_of_changes_passes_its_bounds_on():
    asked = []

    def changes(*arguments):
        asked.append(arguments)
        return [{"id": "act_1"}]

    backend = sources(changes=changes)
    await get("/admin/v1/audit", backend, token="security")
    answer = await get(
        "/admin/v1/audit", backend, token="security", since_s=60, limit=5, actor="ann", action="key.revoke"
    )

    assert asked == [(30 * 86400, 1000, "", ""), (60, 5, "ann", "key.revoke")]
    assert answer.json() == [{"id": "act_1"}]


@pytest.mark.parametrize("path", OPEN)
async def test_probes_metrics_console_and_documents_are_open(path):
    assert (await get(path, token=None)).status_code == 200


async def test_every_other_path_of_the_schema_needs_the_token():
    paths = (await get("/openapi.json")).json()["paths"]

    assert set(paths) - set(OPEN) == {
        *(path for path in GUARDED if not path.endswith("/dec_1")),
        "/admin/v1/decisions/{decision_id}",
        "/admin/v1/sessions/{wanted}",
        "/admin/v1/sessions/{wanted}/forget",
    }
    assert all("security" in operation for path, one in paths.items() if path not in OPEN for operation in one.values())


async def test_being_ready_names_targets_and_policy_but_no_address_and_no_path():
    answer = await get("/readyz", token=None)

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "policy": {"hash": "abc", "in_force": False},
        "keys": {"in_force": True},
        "targets": {"home": "up"},
        "spool_backlog_bytes": 12,
    }


async def holding():
    waiting = {"state": "held", "policy": "def", "since": "2026-12-01T00:00:00+00:00", "do": "accept it"}
    return STATUS | {"policy": STATUS["policy"] | {"waiting": waiting}}


async def test_a_policy_that_waits_is_named_with_its_time_and_what_to_do_and_its_fault_is_not():
    policy = (await get("/readyz", sources(status=holding), token=None)).json()["policy"]

    assert policy["waiting"] == (await holding())["policy"]["waiting"]
    assert "p.yaml" not in str(policy)


async def draining():
    return STATUS | {"ready": False}


@pytest.mark.parametrize(("status", "edge"), [(away, "unreachable"), (draining, "starting or draining")])
async def test_not_being_ready_is_503_and_says_why(status, edge):
    answer = await get("/readyz", sources(status=status), token=None)

    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "edge": edge})


async def test_being_alive_asks_nobody():
    answer = await get("/livez", sources(status=unexpected, metrics=unexpected), token=None)

    assert answer.json() == {"status": "alive"}


async def test_metrics_are_prometheus_text():
    answer = await get("/metrics", token=None)

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.content == b"gateway_requests_total 1\n"


@pytest.mark.parametrize("path", ["/admin/v1/status", "/admin/v1/policy", "/admin/v1/teams"])
async def test_live_answers_are_503_while_the_edge_is_away(path):
    answer = await get(path, sources(status=away))

    assert (answer.status_code, answer.json()) == (503, {"detail": "the edge does not answer"})


async def test_the_ledger_is_reported_while_the_edge_is_away():
    assert (await get("/admin/v1/decisions", sources(status=away))).json() == []
    assert (await get("/admin/v1/reports/costs", sources(status=away))).status_code == 200


async def test_decisions_pass_their_bounds_on():
    asked = []

    def decisions(*arguments):
        asked.append(arguments[1:])
        return [{"id": "dec_1"}]

    backend = sources(decisions=decisions)
    await get("/admin/v1/decisions", backend)
    answer = await get("/admin/v1/decisions", backend, since_s=60, limit=5, team="support")

    assert asked == [(3600, 100, None), (60, 5, "support")]
    assert answer.json() == [{"id": "dec_1"}]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"since_s": 0}, {"since_s": "x"}, {"limit": "nan"}])
async def test_bounds_that_are_none_are_422(query):
    assert (await get("/admin/v1/decisions", sources(decisions=unexpected), **query)).status_code == 422


async def test_one_decision_is_shown_as_it_is_in_the_ledger():
    answer = await get("/admin/v1/decisions/dec_7", sources(decision=lambda admin, name: {"id": name}))

    assert answer.json() == {"id": "dec_7"}


async def test_a_decision_that_is_not_there_is_404():
    answer = await get("/admin/v1/decisions/dec_7")

    assert (answer.status_code, answer.json()["code"]) == (404, "decision_not_found")


async def test_costs_pass_grouping_and_days_on():
    answer = await get("/admin/v1/reports/costs", by="day", **{"from": "2026-11-01", "to": "2026-11-30"})

    assert answer.json() == {"by": "day", "from": "2026-11-01", "to": "2026-11-30"}


@pytest.mark.parametrize("query", [{"from": "2026-1-1"}, {"to": "yesterday"}, {"from": ""}, {"by": "user"}])
async def test_days_and_groupings_of_another_form_are_422(query):
    assert (await get("/admin/v1/reports/costs", sources(costs=unexpected), **query)).status_code == 422


async def test_a_day_that_no_calendar_has_is_422_with_its_reason():
    def costs(admin, by, first, last):
        raise ValueError("2026-02-31 is no day")

    answer = await get("/admin/v1/reports/costs", sources(costs=costs), **{"from": "2026-02-31"})

    assert (answer.status_code, answer.json()) == (422, {"detail": "2026-02-31 is no day"})


async def test_the_policy_in_force_is_shown_with_the_problem_of_the_newest_files():
    asked = []

    def policy(name):
        asked.append(name)
        return b"version: 1"

    answer = await get("/admin/v1/policy", sources(policy=policy))

    assert answer.json() == STATUS["policy"] | {"resolved": "version: 1"}
    assert asked == ["abc"]


async def test_a_policy_that_the_ledger_does_not_hold_yet_is_shown_without_its_text():
    assert (await get("/admin/v1/policy", sources(policy=lambda name: None))).json()["resolved"] is None


async def test_teams_and_status_are_the_edge_s_own_words():
    assert (await get("/admin/v1/teams")).json() == STATUS["teams"]
    assert (await get("/admin/v1/status")).json() == STATUS


@pytest.mark.parametrize("path", OPEN + GUARDED)
async def test_nothing_can_be_changed(path):
    transport = httpx.ASGITransport(build(sources()))
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = await client.request(method, path, headers={"authorization": f"Bearer {TOKEN}"})
            assert answer.status_code == 405
