"""The admin plane as a FastAPI app: open probes and metrics, everything else behind a token and its role."""

from typing import Annotated

import anyio
from fastapi import Depends, FastAPI, HTTPException, Query, Response

from gateway.admin.guard import Denied, identified, needing, tell_denied
from gateway.admin.headers import SafeHeaders
from gateway.admin.probes import ALIVE, METRICS_TYPE, readiness
from gateway.admin.sensitivity import add_sensitivity
from gateway.admin.sources import Json, Sources, live_for, teams_for
from gateway.admin.static import add_pages
from gateway.domain.access import RIGHTS, Admin
from gateway.domain.costs import Grouping

_YEAR_S = 366 * 86400


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
    tell_denied(app)
    _open_routes(app, sources)
    _ledger_routes(app, sources)
    _live_routes(app, sources)
    _access_routes(app, sources)
    add_sensitivity(app, sources)
    return app


def _open_routes(app: FastAPI, sources: Sources) -> None:
    @app.get("/livez", tags=["probes"])
    async def livez() -> Json:
        """Report that this process is running."""
        return ALIVE

    @app.get("/readyz", tags=["probes"])
    async def readyz(response: Response) -> Json:
        """Return whether the edge takes calls, and what is odd without making it unready. No address, no path."""
        response.status_code, said = readiness(await sources.status())
        return said

    @app.get("/metrics", tags=["probes"])
    async def metrics() -> Response:
        """Return the metrics of all processes of this host in Prometheus' text format."""
        return Response(await sources.metrics(), media_type=METRICS_TYPE)


def _ledger_routes(app: FastAPI, sources: Sources) -> None:
    known = sources.known

    @app.get("/admin/v1/decisions", tags=["ledger"])
    async def decisions(
        admin: Annotated[Admin, Depends(needing(known, "decisions"))],
        since_s: Annotated[int, Query(ge=1, le=_YEAR_S)] = 3600,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        team: str | None = None,
    ) -> list[Json]:
        """Return decisions, newest first; a lead sees those of its teams."""
        return await anyio.to_thread.run_sync(sources.decisions, admin, since_s, limit, team)

    @app.get("/admin/v1/decisions/{decision_id}", tags=["ledger"])
    async def decision(admin: Annotated[Admin, Depends(needing(known, "decisions"))], decision_id: str) -> Json:
        """Return one decision with its facts, drops, attempts and cost; its evidence to the role security alone."""
        found = await anyio.to_thread.run_sync(sources.decision, admin, decision_id)
        if found is None:
            raise Denied(404, "decision_not_found", "there is no decision of that id that this token may see")
        return found

    @app.get("/admin/v1/reports/costs", tags=["ledger"])
    async def costs(
        admin: Annotated[Admin, Depends(needing(known, "costs"))],
        by: Grouping = "team",
        first: Annotated[str | None, Query(alias="from", pattern=r"^\d{4}-\d\d-\d\d$")] = None,
        last: Annotated[str | None, Query(alias="to", pattern=r"^\d{4}-\d\d-\d\d$")] = None,
    ) -> Json:
        """Return the cost report, a lead's of its teams; without dates that of the running month."""
        try:
            return await anyio.to_thread.run_sync(sources.costs, admin, by, first, last)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error


def _live_routes(app: FastAPI, sources: Sources) -> None:
    known = sources.known

    async def live() -> Json:
        status = await sources.status()
        if status is None:
            raise HTTPException(503, "the edge does not answer")
        return status

    @app.get("/admin/v1/status", tags=["live"])
    async def status(admin: Annotated[Admin, Depends(needing(known, "status"))]) -> Json:
        """Return the edge's live state: targets, budgets, policy, spool."""
        return live_for(admin, await live())

    @app.get("/admin/v1/policy", dependencies=[Depends(needing(known, "policy"))], tags=["live"])
    async def policy() -> Json:
        """Return the active policy and, if the newest files were refused, why."""
        active: Json = (await live())["policy"]
        text = await anyio.to_thread.run_sync(sources.policy, active["hash"])
        return {**active, "resolved": text.decode() if text else None}

    @app.get("/admin/v1/teams", tags=["live"])
    async def teams(admin: Annotated[Admin, Depends(needing(known, "teams"))]) -> Json:
        """Return the teams with a budget and what is left of it; a lead sees its own."""
        return teams_for(admin, await live())


def _access_routes(app: FastAPI, sources: Sources) -> None:
    known = sources.known

    @app.get("/admin/v1/me", tags=["access"])
    async def me(admin: Annotated[Admin, Depends(identified(known))]) -> Json:
        """Return whose token this is and what it opens."""
        rights = sorted(set().union(*(RIGHTS.get(role, frozenset()) for role in admin.roles)))
        teams = None if admin.teams is None else sorted(admin.teams)
        return {"name": admin.name, "roles": sorted(admin.roles), "teams": teams, "rights": rights}

    @app.get("/admin/v1/keys", dependencies=[Depends(needing(known, "keys"))], tags=["access"])
    async def keys() -> list[Json]:
        """Return the API keys by id, oldest first; the keys themselves are stored nowhere."""
        return await anyio.to_thread.run_sync(sources.keys)

    @app.get("/admin/v1/audit", dependencies=[Depends(needing(known, "audit"))], tags=["access"])
    async def audit(
        since_s: Annotated[int, Query(ge=1, le=10 * _YEAR_S)] = 30 * 86400,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        actor: str = "",
        action: str = "",
    ) -> list[Json]:
        """Return who changed what, newest first, with what was there before and after."""
        return await anyio.to_thread.run_sync(sources.changes, since_s, limit, actor, action)
