"""The failover plan: from what happened so far to the next attempt or the end."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from msgspec import Struct

MAX_ATTEMPTS: Final = 5
"""Attempts that may have cost something; servers that took no connection do not count."""


class Failure(Enum):
    """How an attempt failed before any content reached the client."""

    CALLER = auto()
    """The upstream says that the request is wrong (400, 413, 422): no other target may be called."""
    DECLINED = auto()
    """404, 408 or 409: it did not serve this call, which says nothing of its health; another target may."""
    REFUSED = auto()
    """No connection: nothing was sent."""
    SATURATED = auto()
    """429, or 503 with a full queue."""
    CREDENTIALS = auto()
    """401, 402 or 403: our fault, never the caller's."""
    BROKEN = auto()
    """5xx, garbage, wrong content type, cut before content."""
    TIMEOUT = auto()
    """No first byte in time; the upstream may still be working, so the same target is not called again."""
    EGRESS = auto()
    """The egress refused or is away: nothing reached the vendor."""
    LOST = auto()
    """The egress ended before its answer came: nobody knows whether the call reached the vendor."""


class Tried(Struct, frozen=True):
    """One failed attempt."""

    target: str
    endpoint: str
    failure: Failure


class Option(Struct, frozen=True):
    """A permitted target in the decision's order, with its endpoints that may be tried, best first."""

    target: str
    endpoints: tuple[str, ...]


_ANOTHER_ENDPOINT: Final = frozenset({Failure.REFUSED, Failure.SATURATED, Failure.BROKEN})
"""Failures of one server of a target, after which another server of the same target may do."""


def next_attempt(options: Sequence[Option], tried: Sequence[Tried], time_left: float) -> tuple[str, str] | None:
    """Return target and endpoint of the next attempt, or None if it ends here.

    Only ``options`` can be returned: the set of permitted targets is never widened.
    """
    if tried and tried[-1].failure is Failure.CALLER:
        return None
    if sum(attempt.failure is not Failure.REFUSED for attempt in tried) >= MAX_ATTEMPTS or time_left <= 0:
        return None
    used = {(attempt.target, attempt.endpoint) for attempt in tried}
    finished = {attempt.target for attempt in tried if attempt.failure not in _ANOTHER_ENDPOINT}
    for option in options:
        if option.target in finished:
            continue
        for endpoint in option.endpoints:
            if (option.target, endpoint) not in used:
                return option.target, endpoint
    return None
