"""401 without a valid token, 403 without the role: with why, a stable code and what to do; no source is asked."""

import pytest
from support.admin_plane import EXPIRED, GUARDED, NAMED, TOKEN, get, named, sources, unexpected

from gateway.admin.known import with_owner
from gateway.domain.access import RIGHTS, ROLES

pytestmark = pytest.mark.anyio


SILENT = sources(
    **dict.fromkeys(
        ("status", "decisions", "decision", "costs", "policy", "keys", "changes", "disputes", "sessions", "forget"),
        unexpected,
    )
)
RIGHT = {
    "/admin/v1/decisions": "decisions",
    "/admin/v1/decisions/dec_1": "decisions",
    "/admin/v1/reports/costs": "costs",
    "/admin/v1/audit": "audit",
    "/admin/v1/keys": "keys",
    "/admin/v1/status": "status",
    "/admin/v1/policy": "policy",
    "/admin/v1/teams": "teams",
    "/admin/v1/disputes": "disputes",
    "/admin/v1/sessions/dec_1": "sessions",
}


@pytest.mark.parametrize("path", RIGHT)
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_what_is_its_own_and_the_refusal_names_the_role_for_the_rest(path, role):
    if RIGHT[path] in RIGHTS[role]:
        assert (await get(path, token=role)).status_code in {200, 404}
        return
    answer = await get(path, SILENT, token=role)
    body = answer.json()

    assert (answer.status_code, body["code"]) == (403, "role_needed")
    assert body["roles"] == [other for other in ROLES if RIGHT[path] in RIGHTS[other]]
    assert f"gateway tokens create --role {body['roles'][0]}" in body["detail"]
    assert NAMED[role].name in body["detail"]


@pytest.mark.parametrize(
    ("token", "code"), [(None, "no_token"), ("gwa_other", "unknown_token"), (EXPIRED, "expired_token")]
)
async def test_a_token_that_opens_nothing_is_refused_with_a_reason_and_what_to_do(token, code):
    answer = await get("/admin/v1/status", SILENT, token=token)

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert "gateway tokens create" in answer.json()["detail"] or "ask for a new one" in answer.json()["detail"]
    assert token is None or token not in answer.text


async def test_the_token_in_the_file_has_every_role():
    assert [path for path in GUARDED if (await get(path)).status_code not in {200, 404}] == []
    assert (await get("/admin/v1/me")).json()["name"] == "admin"


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("token", [None, "", "gwa_toke", "gwa_tokenn", "gwa_tökén"])
async def test_without_the_token_nothing_is_shown_and_no_source_is_queried(path, token):
    answer = await get(path, SILENT, token=token)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert TOKEN not in answer.text


@pytest.mark.parametrize("token", [None, ""])
async def test_an_empty_token_file_opens_nothing(token):
    assert (
        await get("/admin/v1/decisions", sources(known=with_owner("", named), decisions=unexpected), token=token)
    ).status_code == 401
