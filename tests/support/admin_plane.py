"""An admin plane for tests: its tokens, its paths, and sources that are calm."""

import httpx
from support.replacing import replace

from gateway.admin.known import with_owner
from gateway.admin.plane import Plane
from gateway.admin.sources import Sources
from gateway.domain.access import ROLES, Admin, Refusal

TOKEN = "gwa_token"
EXPIRED = "gwa_expired"
NAMED = {role: Admin(f"some_{role}", frozenset({role})) for role in ROLES} | {
    "lead": Admin("bob", frozenset({"lead"}), frozenset({"support"})),
    EXPIRED: Refusal("expired_token", "the token abc of ann expired at …: ask for a new one"),
}
"""Token → whose it is."""
STATUS = {
    "ready": True,
    "policy": {"hash": "abc", "in_force": False, "problem": "p.yaml:3: rules: wrong; mend it"},
    "keys": {"in_force": True, "problem": ""},
    "targets": {"home": {"state": "up", "endpoints": {"http://10.0.0.5:30000": "up"}}},
    "teams": {"support": {"left_usd": "1.5"}, "legal": {"left_usd": "2"}},
    "spool_backlog_bytes": 12,
}
GUARDED = [
    "/admin/v1/decisions",
    "/admin/v1/decisions/dec_1",
    "/admin/v1/reports/costs",
    "/admin/v1/audit",
    "/admin/v1/me",
    "/admin/v1/keys",
    "/admin/v1/status",
    "/admin/v1/policy",
    "/admin/v1/teams",
    "/admin/v1/disputes",
    "/admin/v1/sessions/dec_1",
]
OPEN = ["/livez", "/readyz", "/metrics", "/", "/docs", "/openapi.json"]


async def here():
    return STATUS


async def away():
    return None


async def counted():
    return b"gateway_requests_total 1\n"


def unexpected(*arguments):
    raise AssertionError(arguments)


def named(presented):
    return NAMED.get(presented, Refusal("unknown_token", "this token is not known here: ask for a new one"))


def sources(**changes) -> Sources:
    calm = Sources(
        known=with_owner(TOKEN, named),
        status=here,
        metrics=counted,
        decisions=lambda admin, since, limit, team: [],
        decision=lambda admin, decision: None,
        costs=lambda admin, by, first, last: {"by": by, "from": first, "to": last},
        policy=lambda name: b"version: 1",
        keys=list,
        changes=lambda since, limit, actor, action: [],
        disputes=lambda admin, since, team: [],
        sessions=lambda wanted: [],
        forget=lambda admin, wanted, reason: 1,
    )
    return replace(calm, **changes)


async def get(path: str, backend: Sources | None = None, token: str | None = TOKEN, **query):
    transport = httpx.ASGITransport(Plane(backend or sources()))
    headers = {} if token is None else {"authorization": f"Bearer {token}".encode("latin-1")}
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as client:
        return await client.get(path, headers=headers, params=query)
