"""The way to targets, and what is known of their health and load."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from gateway.domain.chain import AttemptKind
from gateway.domain.label import Label
from gateway.domain.target import Target
from gateway.failover.breaker import Verdict


class UpstreamCall(Struct, frozen=True):
    """One attempt as it is sent: where to, what, and under which label."""

    target: Target
    endpoint: str
    path: str
    body: bytes
    headers: Mapping[str, str]
    label: Label
    policy: str
    decision: str
    attempt: str
    connect_timeout: float
    team: str = ""
    kind: AttemptKind = "primary"
    exceptions: tuple[str, ...] = ()
    """Ids of the policy exceptions under which the label was made."""
    masked: bool = False
    """The body is a masked copy."""


class UpstreamHead(Struct, frozen=True):
    """Status line and headers of an answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]


class UpstreamAnswer(Protocol):
    """An answer whose body is still coming."""

    taker: Callable[[bytes], bool] | None
    """Is handed a piece as it arrives, unless earlier ones wait for the reader. True: it took it, and the reader does
    not get it. It must not raise."""

    @property
    def head(self) -> UpstreamHead:
        """Status and headers."""

    @property
    def complete(self) -> bool:
        """Whether all of the body has arrived; what of it was not pulled need not be."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, one piece pulled at a time.

        Raises:
            UpstreamBroken: the connection ended before the body did.
        """


class UpstreamBroken(Exception):
    """An attempt failed on the way. ``sent`` is False if nothing can have reached the upstream.

    ``egress``: the egress refused or is away; with ``sent``, it ended while it had the call.
    """

    def __init__(self, detail: str, *, sent: bool, egress: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.sent = sent
        self.egress = egress


class Upstream(Protocol):
    """The way to a target: directly to a local server, through the egress to a vendor."""

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Send a call and return when its head has come; leaving the context aborts what is still running.

        Raises:
            UpstreamBroken: no head came.
        """


class LoadBoard(Protocol):
    """What is known of targets' health and load."""

    def endpoints(self, target: Target, affinity: str) -> tuple[str, ...]:
        """Return the endpoints to try, best first; empty if the target is known down, saturated or has no key."""

    def why_unavailable(self, target: Target) -> str:
        """Say why :meth:`endpoints` is empty: ``down``, ``saturated``, ``no_credentials`` or ``ledger_full``."""

    def started(self, target: Target, endpoint: str) -> None:
        """Count a request that is now on an endpoint."""

    def ended(
        self,
        target: Target,
        endpoint: str,
        verdict: Verdict,
        *,
        retry_after: float | None = None,
        ttft: float | None = None,
    ) -> None:
        """End a request at an endpoint and record its outcome. Times are seconds."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the recent time to first token of those targets that have one, sorted by id."""
