"""Who calls the admin plane, and whether their roles permit it: 401 without a valid token, 403 without the role."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway.admin.known import Known
from gateway.domain.access import Admin, Refusal, Right, roles_with

_BEARER = HTTPBearer(
    auto_error=False, description="A token of `gateway tokens create`, or the one in the file admin-token"
)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class Denied(HTTPException):
    """A refusal with a stable code beside its text."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(status, message, {"www-authenticate": "Bearer"} if status == 401 else None)  # noqa: PLR2004
        self.body = {"detail": message, "code": code, **more}


def tell_denied(app: FastAPI) -> None:
    """Have refusals answered as ``{"detail": …, "code": …}``."""

    @app.exception_handler(Denied)
    async def denied(_: Request, error: Denied) -> JSONResponse:
        return JSONResponse(error.body, error.status_code, error.headers)


def identified(known: Known) -> Callable[..., Admin]:
    """Return a dependency that yields the caller, whatever their role."""

    def admin(credentials: _Credentials) -> Admin:
        if credentials is None or not credentials.credentials:
            raise Denied(401, "no_token", "no token: send 'Authorization: Bearer TOKEN' (gateway tokens create)")
        found = known(credentials.credentials)
        if isinstance(found, Refusal):
            raise Denied(401, found.code, found.message)
        return found

    return admin


def needing(known: Known, right: Right) -> Callable[..., Admin]:
    """Return a dependency that yields the caller, if one of their roles permits this."""

    def admin(found: Annotated[Admin, Depends(identified(known))]) -> Admin:
        if not found.may(right):
            roles, own = roles_with(right), ", ".join(sorted(found.roles))
            raise Denied(
                403,
                "role_needed",
                f"this needs the role {' or '.join(roles)}; the token of {found.name} has {own}: "
                f"ask for one with it (gateway tokens create --role {roles[0]})",
                roles=list(roles),
            )
        return found

    return admin
