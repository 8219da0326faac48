"""An admin plane for tests: its token, its paths, and sources that are calm."""

from dataclasses import replace

from gateway.admin.app import Sources

TOKEN = "gwa_token"
STATUS = {
    "ready": True,
    "policy": {"hash": "abc", "in_force": False, "problem": "p.yaml:3: rules: wrong; mend it"},
    "targets": {"home": {"state": "up", "endpoints": {"http://10.0.0.5:30000": "up"}}},
    "teams": {"support": {"left_usd": "1.5"}},
    "spool_backlog_bytes": 12,
}
GUARDED = [
    "/admin/v1/decisions",
    "/admin/v1/decisions/dec_1",
    "/admin/v1/reports/costs",
    "/admin/v1/status",
    "/admin/v1/policy",
    "/admin/v1/teams",
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


def sources(**changes) -> Sources:
    calm = Sources(
        token=TOKEN,
        status=here,
        metrics=counted,
        decisions=lambda since, limit, team: [],
        decision=lambda decision: None,
        costs=lambda by, first, last: {"by": by, "from": first, "to": last},
        policy=lambda name: b"version: 1",
    )
    return replace(calm, **changes)
