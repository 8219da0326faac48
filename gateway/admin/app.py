"""The admin plane as a FastAPI app: open probes and metrics, everything else behind the admin token."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.admin.static import SafeHeaders, add_pages
from gateway.domain.costs import Grouping

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the admin plane gets its answers; those that read the ledger block and run in threads."""

    token: str
    status: Callable[[], Awaitable[Json | None]]
    metrics: Callable[[], Awaitable[bytes]]
    decisions: Callable[[int, int, str | None], list[Json]]
    """Arguments: seconds back, limit, team."""
    decision: Callable[[str], Json | None]
    costs: Callable[[Grouping, str | None, str | None], Json]
    """Arguments: by, first day, last day. Raises ValueError for days that are none."""
    policy: Callable[[str], bytes | None]


def build(sources: Sources) -> FastAPI:
    """Return the app. FastAPI's own telemetry is off: traces are made from the ledger."""
    app = FastAPI(
        title="Gateway admin plane",
        description="Decisions, cost reports, policy and teams of one gateway.",
        docs_url=None,  # FastAPI's own page runs a script from elsewhere on the origin that holds the token
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_middleware(SafeHeaders)
    add_pages(app)
    _open_routes(app, sources)
    _ledger_routes(app, sources)
    _live_routes(app, sources)
    return app


def _guard(sources: Sources) -> Callable[..., None]:
    bearer = HTTPBearer(auto_error=False, description="The token in <data-dir>/admin-token")

    def check(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        presented = credentials.credentials if credentials else ""
        if not presented or not hmac.compare_digest(presented.encode(), sources.token.encode()):
            raise HTTPException(
                401, "send 'Authorization: Bearer' with the admin token", {"www-authenticate": "Bearer"}
            )

    return check


def _open_routes(app: FastAPI, sources: Sources) -> None:
    @app.get("/livez", tags=["probes"])
    async def livez() -> Json:
        """Tell that this process runs."""
        return {"status": "alive"}

    @app.get("/readyz", tags=["probes"])
    async def readyz(response: Response) -> Json:
        """Tell whether the edge takes calls, and what is odd without making it unready. No address, no path."""
        status = await sources.status()
        if status is None or not status["ready"]:
            response.status_code = 503
            return {"status": "not_ready", "edge": "unreachable" if status is None else "starting or draining"}
        return {
            "status": "ready",
            "policy": {"hash": status["policy"]["hash"], "in_force": status["policy"]["in_force"]},
            "targets": {target: state["state"] for target, state in status["targets"].items()},
            "spool_backlog_bytes": status["spool_backlog_bytes"],
        }

    @app.get("/metrics", tags=["probes"])
    async def metrics() -> Response:
        """Return the metrics of all processes of this host in Prometheus' text format."""
        return Response(await sources.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _ledger_routes(app: FastAPI, sources: Sources) -> None:
    guard = [Depends(_guard(sources))]

    @app.get("/admin/v1/decisions", dependencies=guard, tags=["ledger"])
    async def decisions(
        since_s: Annotated[int, Query(ge=1, le=366 * 86400)] = 3600,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        team: str | None = None,
    ) -> list[Json]:
        """Return decisions, newest first."""
        return await anyio.to_thread.run_sync(sources.decisions, since_s, limit, team)

    @app.get("/admin/v1/decisions/{decision_id}", dependencies=guard, tags=["ledger"])
    async def decision(decision_id: str) -> Json:
        """Return one decision with its facts, drops, attempts and cost."""
        found = await anyio.to_thread.run_sync(sources.decision, decision_id)
        if found is None:
            raise HTTPException(404, "there is no decision of that id")
        return found

    @app.get("/admin/v1/reports/costs", dependencies=guard, tags=["ledger"])
    async def costs(
        by: Grouping = "team",
        first: Annotated[str | None, Query(alias="from", pattern=r"^\d{4}-\d\d-\d\d$")] = None,
        last: Annotated[str | None, Query(alias="to", pattern=r"^\d{4}-\d\d-\d\d$")] = None,
    ) -> Json:
        """Return the cost report; without dates that of the running month."""
        try:
            return await anyio.to_thread.run_sync(sources.costs, by, first, last)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error


def _live_routes(app: FastAPI, sources: Sources) -> None:
    guard = [Depends(_guard(sources))]

    async def live() -> Json:
        status = await sources.status()
        if status is None:
            raise HTTPException(503, "the edge does not answer")
        return status

    @app.get("/admin/v1/status", dependencies=guard, tags=["live"])
    async def status() -> Json:
        """Return the edge's live state: targets, budgets, policy, spool."""
        return await live()

    @app.get("/admin/v1/policy", dependencies=guard, tags=["live"])
    async def policy() -> Json:
        """Return the policy in force, and why the newest files are not it, if they are not."""
        told: Json = (await live())["policy"]
        text = await anyio.to_thread.run_sync(sources.policy, told["hash"])
        return {**told, "resolved": text.decode() if text else None}

    @app.get("/admin/v1/teams", dependencies=guard, tags=["live"])
    async def teams() -> Json:
        """Return the teams with a budget and what is left of it."""
        told: Json = (await live())["teams"]
        return told
