"""What conversations carry and which findings are disputed: shown, and forgotten with a reason."""

from typing import Annotated

import anyio
from fastapi import Depends, FastAPI, Query
from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.admin.guard import Denied, needing
from gateway.admin.sources import Json, Sources
from gateway.domain.access import Admin
from gateway.domain.errors import LedgerUnavailable
from gateway.ports import SessionsUnavailable

_YEAR_S = 366 * 86400


class Forget(BaseModel):
    """Why something may be forgotten; it is recorded."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


def add_sensitivity(app: FastAPI, sources: Sources) -> None:
    """Add the routes."""
    known = sources.known

    @app.get("/admin/v1/disputes", tags=["sensitivity"])
    async def disputes(
        admin: Annotated[Admin, Depends(needing(known, "disputes"))],
        since_s: Annotated[int, Query(ge=1, le=_YEAR_S)] = 30 * 86400,
        team: str = "",
    ) -> list[Json]:
        """Return the findings that callers dispute, each with the exception that would excuse it."""
        return await anyio.to_thread.run_sync(sources.disputes, admin, since_s, team)

    @app.get("/admin/v1/sessions/{wanted}", dependencies=[Depends(needing(known, "sessions"))], tags=["sensitivity"])
    async def session(wanted: str) -> list[Json]:
        """Return what is kept of a session (its id or hash), or because of a decision."""
        try:
            return await anyio.to_thread.run_sync(sources.sessions, wanted)
        except SessionsUnavailable as error:
            raise _away(error) from error

    @app.post("/admin/v1/sessions/{wanted}/forget", tags=["sensitivity"])
    async def forget(admin: Annotated[Admin, Depends(needing(known, "sessions"))], wanted: str, why: Forget) -> Json:
        """Have forgotten what a session carries, or what a decision brought. It is recorded first."""
        try:
            entries = await anyio.to_thread.run_sync(sources.forget, admin, wanted, why.reason)
        except SessionsUnavailable as error:
            raise _away(error) from error
        except LedgerUnavailable as error:
            raise Denied(503, "ledger_unavailable", error.message) from error
        except OSError as error:
            what = f"the gateway cannot be asked to forget it: {error.strerror}; look at the data directory"
            raise Denied(503, "not_asked", what) from error
        if not entries:
            raise Denied(
                404, "nothing_kept", "nothing is kept for it: it carries nothing, or was not used for 24 hours"
            )
        return {"entries": entries, "next": "the running gateway forgets them within 2 seconds"}


def _away(error: SessionsUnavailable) -> Denied:
    return Denied(503, "sessions_unavailable", f"{error}: is the Redis of state.url there?")
