"""Conversations and disputes on the admin plane: what is passed on, and what is said when something is away."""

import httpx
import pytest
from support.admin_plane import NAMED, TOKEN, get, sources

from gateway.admin.plane import Plane
from gateway.domain.errors import LedgerUnavailable
from gateway.ports import SessionsUnavailable

pytestmark = pytest.mark.anyio


async def forget(body, backend, token="security"):
    transport = httpx.ASGITransport(Plane(backend))
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        headers = {"authorization": f"Bearer {token}"}
        return await client.post("/admin/v1/sessions/dec_1/forget", json=body, headers=headers)


def failing(error):
    def call(*_):
        raise error

    return call


async def test_disputes_are_asked_in_the_name_of_who_asks():
    asked = []
    backend = sources(disputes=lambda *a: asked.append(a) or [{"decision": "dec_1"}])

    assert (await get("/admin/v1/disputes", backend, token="lead", team="support", since_s=60)).json() == [
        {"decision": "dec_1"}
    ]
    assert asked == [(NAMED["lead"], 60, "support")]


async def test_what_is_forgotten_names_who_what_and_why():
    asked = []
    answer = await forget({"reason": " our imprint "}, sources(forget=lambda *a: asked.append(a) or 3))

    assert (answer.status_code, answer.json()["entries"]) == (200, 3)
    assert asked == [(NAMED["security"], "dec_1", "our imprint")]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "also": 1}])
async def test_without_a_reason_nothing_is_forgotten(body):
    assert (await forget(body, sources(forget=failing(AssertionError())))).status_code == 422


@pytest.mark.parametrize("token", ["viewer", "lead", "finance", "operator"])
async def test_only_the_role_security_may_have_something_forgotten(token):
    assert (await forget({"reason": "x"}, sources(forget=failing(AssertionError())), token)).status_code == 403


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SessionsUnavailable("away"), "sessions_unavailable"),
        (LedgerUnavailable("nothing was changed"), "ledger_unavailable"),
        (OSError(28, "No space left on device"), "not_asked"),
    ],
)
async def test_what_cannot_be_forgotten_now_is_503_and_says_why(error, code):
    answer = await forget({"reason": "x"}, sources(forget=failing(error)), TOKEN)

    assert (answer.status_code, answer.json()["code"]) == (503, code)


async def test_where_nothing_is_kept_there_is_nothing_to_forget_or_to_see():
    answer = await forget({"reason": "x"}, sources(forget=lambda *_: 0))

    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_kept")
    assert (await get("/admin/v1/sessions/x", sources(sessions=lambda wanted: []))).json() == []
    away = await get("/admin/v1/sessions/x", sources(sessions=failing(SessionsUnavailable("away"))))
    assert (away.status_code, away.json()["code"]) == (503, "sessions_unavailable")
