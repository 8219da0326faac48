"""The one table from errors to HTTP, and their envelopes in both dialects."""

from http import HTTPStatus
from typing import Final

import orjson

from gateway.domain import errors
from gateway.wire.body import Tree
from gateway.wire.dialect import Dialect

STATUS: Final[dict[type[errors.GatewayError], HTTPStatus]] = {
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NoPermittedRoute: HTTPStatus.FORBIDDEN,
    errors.ModelNotFound: HTTPStatus.NOT_FOUND,
    errors.RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnsupportedEncoding: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.BudgetExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UpstreamError: HTTPStatus.BAD_GATEWAY,
    errors.NoHealthyTarget: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UpstreamTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    errors.StateLost: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LedgerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

_TYPES: Final[dict[int, tuple[str, str]]] = {
    # status: (OpenAI's type, Anthropic's type)
    400: ("invalid_request_error", "invalid_request_error"),
    401: ("authentication_error", "authentication_error"),
    403: ("permission_error", "permission_error"),
    404: ("invalid_request_error", "not_found_error"),
    405: ("invalid_request_error", "invalid_request_error"),
    413: ("invalid_request_error", "request_too_large"),
    415: ("invalid_request_error", "invalid_request_error"),
    429: ("rate_limit_error", "rate_limit_error"),
    503: ("server_error", "overloaded_error"),
    504: ("server_error", "timeout_error"),
}
_READS_403_AS_LOGIN: Final = "claude-cli/"
_FINAL: Final = frozenset({400, 401, 403, 404, 405, 413, 415, 422})
LONGEST_WAIT_S: Final = 60
"""Seconds that a client is told to wait."""
_OTHERWISE: Final = ("server_error", "api_error")


def status_of(error: BaseException) -> int:
    """Return the HTTP status of an error; 500 for any other exception."""
    own = (STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return int(next(own, HTTPStatus.INTERNAL_SERVER_ERROR))


def status_for(error: BaseException, user_agent: str) -> int:
    """Return the status that a client gets: of an error, in a form that it shows as what it is.

    Claude Code says "Failed to authenticate" to any 403, whatever its type (tried with 2.1.197); it shows a 400 as is.
    """
    status = status_of(error)
    return 400 if status == HTTPStatus.FORBIDDEN and user_agent.startswith(_READS_403_AS_LOGIN) else status


def error_headers(error: BaseException, status: int) -> list[tuple[bytes, bytes]]:
    """Return what tells a client whether and when to try again.

    ``x-should-retry: false`` is read by the official SDKs: they would repeat some of these for minutes. A
    ``Retry-After`` of more than a minute makes a client sleep for a month; then the time is in the body alone.
    """
    wait = error.retry_after if isinstance(error, errors.GatewayError) else None
    found = []
    if status in _FINAL or isinstance(error, errors.BudgetExceeded):
        found.append((b"x-should-retry", b"false"))
    if wait is not None and wait <= LONGEST_WAIT_S:
        found.append((b"retry-after", str(wait).encode()))
    return found


def details_of(error: errors.GatewayError, decision_id: str) -> Tree:
    """Return what is beside the message: decision id, seconds to wait, and for a refusal its reasons and evidence."""
    details: Tree = {"decision_id": decision_id} if decision_id else {}
    if error.retry_after is not None:
        details["retry_after_s"] = error.retry_after
    if isinstance(error, errors.NoPermittedRoute):
        details["dropped"] = [
            {"target": drop.target, "rule": drop.rule, "reason": drop.reason, "detail": drop.detail, "why": drop.why}
            for drop in error.dropped
        ]
        details["evidence"] = error.evidence
    return details


def envelope(dialect: Dialect, error: errors.GatewayError, decision_id: str, user_agent: str = "") -> bytes:
    """Return the error body in the caller's dialect."""
    error_type = type_of(dialect, status_for(error, user_agent))
    return orjson.dumps(dialect.error_body(error_type, error.code, error.message, details_of(error, decision_id)))


def event(dialect: Dialect, error: errors.GatewayError, decision_id: str) -> bytes:
    """Return the event that ends a stream that already started."""
    error_type = type_of(dialect, status_of(error))
    return dialect.error_event(error_type, error.code, error.message, details_of(error, decision_id))


def type_of(dialect: Dialect, status: int) -> str:
    """Return the dialect's own word for a status."""
    openai, anthropic = _TYPES.get(status, _OTHERWISE)
    return anthropic if dialect.name == "anthropic.messages" else openai
