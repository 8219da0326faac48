"""How an upstream's answer reads as a failure: which kind for the failover plan, which error for the caller."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import jiter

from gateway.domain import errors
from gateway.domain.records import UNKNOWN
from gateway.failover.plan import Failure, Tried
from gateway.ports import UpstreamBroken, UpstreamHead
from gateway.wire import anthropic_messages, openai_chat
from gateway.wire.clean import clean

_CALLER: Final = frozenset({400, 413, 422})
_DECLINED: Final = frozenset({404, 408, 409})
_CREDENTIALS: Final = frozenset({401, 402, 403})
_SATURATED: Final = frozenset({429, 503, 529})
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
"""``str.isdigit`` is true for ``²``, which no number is made of."""
LONGEST_WAIT_S: Final = 3600.0


class AttemptFailed(Exception):
    """An attempt ended before any content reached the client; another target may be tried."""

    def __init__(self, failure: Failure, detail: str, *, status: int = 0, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail
        self.status = status
        self.retry_after = retry_after

    @property
    def outcome(self) -> str:
        """The word that the settlement carries."""
        return _OUTCOMES[self.failure]


_OUTCOMES: Final[dict[Failure, str]] = {
    Failure.CALLER: "invalid_request",
    Failure.DECLINED: "upstream_error",
    Failure.REFUSED: "upstream_refused",
    Failure.SATURATED: "upstream_saturated",
    Failure.CREDENTIALS: "upstream_credentials",
    Failure.BROKEN: "upstream_error",
    Failure.TIMEOUT: "upstream_timeout",
    Failure.EGRESS: "egress_refused",
    Failure.LOST: UNKNOWN,
}


def from_status(head: UpstreamHead, body: bytes) -> AttemptFailed:
    """Return the failure that a status other than 200 means."""
    status = head.status
    if status in _CALLER:
        failure = Failure.CALLER
    elif status in _DECLINED:
        failure = Failure.DECLINED
    elif status in _CREDENTIALS:
        failure = Failure.CREDENTIALS
    elif status in _SATURATED:
        failure = Failure.SATURATED
    else:
        failure = Failure.BROKEN
    message = _message(body) or f"the upstream answered {status}"
    return AttemptFailed(failure, message, status=status, retry_after=_retry_after(head))


def from_event(message: str, code: int | None = None) -> AttemptFailed:
    """Return the failure that an error inside a 200 means, e.g. SGLang's full queue as the first event."""
    saturated = code in _SATURATED or "queue is full" in message or "overloaded" in message.lower()
    if code in _CALLER:
        return AttemptFailed(Failure.CALLER, message, status=code or 0)
    if code in _CREDENTIALS:
        return AttemptFailed(Failure.CREDENTIALS, message, status=code or 0)
    return AttemptFailed(Failure.SATURATED if saturated else Failure.BROKEN, message, status=200)


def from_broken(broken: UpstreamBroken) -> AttemptFailed:
    """Return the failure that a broken connection means."""
    if broken.egress:
        return AttemptFailed(Failure.LOST if broken.sent else Failure.EGRESS, broken.detail)
    return AttemptFailed(Failure.BROKEN if broken.sent else Failure.REFUSED, broken.detail)


def final_error(tried: Sequence[Tried], last: AttemptFailed | None, unavailable: Sequence[str]) -> errors.GatewayError:
    """Return the caller's error when no attempt is left.

    Args:
        tried: the failed attempts, in order.
        last: how the last one failed; None if none was made.
        unavailable: why each permitted target was not called.
    """
    if last is None:
        why = ", ".join(unavailable) or "none is configured"
        return errors.NoHealthyTarget(f"no permitted target is available now ({why})", retry_after=5)
    if last.failure is Failure.CALLER:
        return errors.InvalidRequest(f"the model's server refused the request: {clean(last.detail)}")
    if all(attempt.failure is Failure.SATURATED for attempt in tried):
        wait = int(last.retry_after or 1)
        return errors.NoHealthyTarget("every permitted target is saturated; retry later", retry_after=max(1, wait))
    if last.failure is Failure.TIMEOUT:
        return errors.UpstreamTimeout(f"no answer in time after {len(tried)} attempt(s)")
    reason = _REASONS.get(last.failure, "") or clean(last.detail)
    return errors.UpstreamError(f"{len(tried)} attempt(s) failed; the last one: {reason}")


_REASONS: Final[dict[Failure, str]] = {
    Failure.CREDENTIALS: "the target refused the gateway's own credentials; the operators were alerted",
    Failure.REFUSED: "the target could not be reached",
    Failure.EGRESS: "the egress did not send it",
    Failure.LOST: "the egress ended before its answer came",
}


def code_of(chunk: bytes) -> int | None:
    """Return the numeric code inside an error event, if it has one."""
    try:
        tree: Any = jiter.from_json(chunk)
    except ValueError:
        return None
    inner = tree.get("error", tree) if isinstance(tree, dict) else None
    code = inner.get("code") if isinstance(inner, dict) else None
    if isinstance(code, str) and _NUMBER.fullmatch(code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _message(body: bytes) -> str:
    try:
        tree = jiter.from_json(body)
    except ValueError:
        return ""
    return anthropic_messages.error_message(tree) or openai_chat.error_message(tree)


def _retry_after(head: UpstreamHead) -> float | None:
    if head.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    value = head.headers.get("retry-after", "")
    return min(float(value), LONGEST_WAIT_S) if _NUMBER.fullmatch(value) else 1.0
