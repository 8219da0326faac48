"""Errors, by class and stable code; the edge alone turns them into HTTP and a dialect."""

from typing import ClassVar

from gateway.domain.budget import Budget
from gateway.domain.decision import Dropped


class GatewayError(Exception):
    """An error that the caller sees. The message never holds request text, paths, keys or internal URLs."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class InvalidRequest(GatewayError):
    """The request itself is wrong; no upstream would take it."""

    code = "invalid_request"


class NotAuthenticated(GatewayError):
    """No key, an unknown, revoked or expired one, or one of an unknown team."""

    code = "not_authenticated"


class NoPermittedRoute(GatewayError):
    """Hard rules dropped every candidate."""

    code = "no_permitted_route"

    def __init__(self, message: str, dropped: tuple[Dropped, ...], evidence: list[dict[str, object]]) -> None:
        super().__init__(message)
        self.dropped = dropped
        self.evidence = evidence


class ModelNotFound(GatewayError):
    """No model of the policy has this name, or this key may not use it."""

    code = "model_not_found"


class RequestTooLarge(GatewayError):
    """The body is over ``limits.body_bytes``."""

    code = "request_too_large"


class UnsupportedEncoding(GatewayError):
    """The body is compressed in a way that is not read here."""

    code = "unsupported_encoding"


class BudgetExceeded(GatewayError):
    """A budget of the caller is spent or held for its period."""

    code = "budget_exceeded"

    def __init__(self, message: str, *, retry_after: int | None = None, budget: Budget | None = None) -> None:
        super().__init__(message, retry_after=retry_after)
        self.budget = budget


class RateLimited(GatewayError):
    """Too many requests of this key or team."""

    code = "rate_limited"


class StateLost(GatewayError):
    """The state of budgets and rate limits is not available, so no call that counts against them is made."""

    code = "state_unavailable"


class UpstreamError(GatewayError):
    """The chosen targets failed: refused, 5xx, garbage, or cut before content."""

    code = "upstream_error"


class UpstreamTimeout(GatewayError):
    """No target answered in time."""

    code = "upstream_timeout"


class NoHealthyTarget(GatewayError):
    """Every permitted target is known down, saturated, or said 429; nothing was sent, or may be sent soon again."""

    code = "no_healthy_target"


class LedgerUnavailable(GatewayError):
    """The durable record cannot be written: a call that could not be booked is not made."""

    code = "ledger_unavailable"
