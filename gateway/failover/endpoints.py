"""Which server of a target: the one that has the conversation's prefix cached, unless it is much busier than others.

Rendezvous hashing (Thaler and Ravishankar, 1998) keeps a conversation on its server when servers come and go; the
bound on load is that of consistent hashing with bounded loads (Mirrokni et al., 2016).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

LOAD_FACTOR: Final = 1.5
"""How much busier than the average a conversation's own server may be before another one takes over."""
SLACK: Final = 2
"""Requests by which any server may exceed that bound, so that small numbers do not scatter conversations."""


@dataclass(frozen=True, slots=True)
class EndpointState:
    """One server as known right now."""

    url: str
    up: bool = True
    load: int | None = None
    """Running and waiting requests that it reported; None if unreadable: unknown, never down."""
    in_flight: int = 0
    """Requests of this process that are on it."""

    @property
    def busy(self) -> int:
        """The larger of what it reports and what we know to be there."""
        return max(self.load or 0, self.in_flight)


def order(endpoints: Sequence[EndpointState], affinity: str) -> tuple[str, ...]:
    """Return the endpoints that are up, in the order in which they should be tried.

    With an affinity key the conversation's own server comes first unless it is over the bound; the rest follow by
    load. Without one all go by load. Ties are decided by the rendezvous rank, so the order is deterministic.
    """
    up = [endpoint for endpoint in endpoints if endpoint.up]
    if len(up) < 2:  # noqa: PLR2004 -- there is nothing to choose
        return tuple(endpoint.url for endpoint in up)
    ranked = sorted(up, key=lambda endpoint: _weight(endpoint.url, affinity), reverse=True)
    by_load = sorted(ranked, key=lambda endpoint: endpoint.busy)
    if not affinity:
        return tuple(endpoint.url for endpoint in by_load)
    bound = ceil(LOAD_FACTOR * sum(endpoint.busy for endpoint in up) / len(up)) + SLACK
    own = next((endpoint for endpoint in ranked if endpoint.busy < bound), by_load[0])
    return (own.url, *(endpoint.url for endpoint in by_load if endpoint is not own))


def _weight(url: str, affinity: str) -> bytes:
    return hashlib.blake2b(f"{affinity}\x1f{url}".encode(), digest_size=8).digest()
