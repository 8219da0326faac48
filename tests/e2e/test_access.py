"""The admin plane of a running gateway: each role sees what is its own, and a token that is revoked sees nothing."""

import json

import httpx
import pytest
from support.stack import LONG, stack

PATHS = ("status", "policy", "teams", "decisions", "reports/costs", "keys", "audit")
OPENS = {
    "viewer": {"status", "policy", "teams"},
    "lead": {"teams", "decisions", "reports/costs"},
    "finance": {"teams", "reports/costs"},
    "operator": {"status", "policy", "decisions", "keys"},
    "security": {"decisions", "audit"},
}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    with stack(tmp_path_factory.mktemp("access")) as made:
        yield made.start()


def token_of(own, role, *more):
    made = own.cli("tokens", "create", "--name", f"some-{role}", "--role", role, *more).stdout.strip()
    own.wait_for(lambda: get(own, "me", made).status_code == 200, "the token")
    return made


def get(own, path, token):
    return httpx.get(f"{own.admin}/admin/v1/{path}", headers={"authorization": f"Bearer {token}"}, timeout=LONG)


@pytest.mark.parametrize("role", OPENS)
def test_each_role_opens_what_is_its_own(own, role):
    token = token_of(own, role, *(("--team", "support") if role == "lead" else ()))

    assert {path for path in PATHS if get(own, path, token).status_code == 200} == OPENS[role]
    assert {get(own, path, token).status_code for path in PATHS} == {200, 403}


def test_a_lead_sees_the_decisions_and_costs_of_its_teams_alone(own):
    ours = own.chat("hello").headers["x-gateway-decision-id"]
    theirs = own.chat("hello", team="legal").headers["x-gateway-decision-id"]
    token = token_of(own, "lead", "--team", "support")
    own.decision(theirs)

    assert {row["team"] for row in get(own, "decisions", token).json()} == {"support"}
    assert get(own, f"decisions/{theirs}", token).json()["code"] == "decision_not_found"
    assert get(own, f"decisions/{ours}", token).json()["evidence"] is None
    assert get(own, f"decisions/{theirs}", token_of(own, "security")).json()["evidence"] is not None
    assert [row["name"] for row in get(own, "reports/costs?by=team", token).json()["rows"]] == ["support"]
    everybody = own.admin_get("/admin/v1/reports/costs?by=day").json()["total"]["requests"]
    assert get(own, "reports/costs?by=day", token).json()["total"]["requests"] < everybody
    assert set(get(own, "teams", token).json()) <= {"support"}


def test_a_revoked_token_is_refused_soon_and_both_changes_are_listed(own):
    token = token_of(own, "viewer")
    own.cli("tokens", "revoke", token.split("_")[1])
    refused = own.wait_for(lambda: (now := get(own, "status", token)).status_code == 401 and now, "its end")
    listed = get(own, "audit", token_of(own, "security")).json()

    assert refused.json()["code"] == "revoked_token"
    assert [row["action"] for row in listed if row["subject"] == token.split("_")[1]] == [
        "token.revoke",
        "token.create",
    ]
    assert json.loads(own.cli("audit", "list", "--format", "json").stdout)[-1] == listed[-1]


def test_no_token_is_in_the_log(own):
    token = token_of(own, "viewer")
    get(own, "audit", token)

    assert token.split("_", 2)[2] not in own.log()
    assert (own.data_dir / "admin-token").read_text().strip() not in own.log()
