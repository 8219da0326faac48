"""What the pipeline needs from the world; adapters stand above it and are handed in."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.admission import Admission, Entry, Expired, Rate, Window
from gateway.domain.chain import AttemptKind
from gateway.domain.label import Label, Part
from gateway.domain.records import Record
from gateway.domain.target import Target
from gateway.failover.breaker import Paused


class Clock(Protocol):
    """Time as an input."""

    def wall_ns(self) -> int:
        """Return Unix time in nanoseconds."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: the owner of a valid key."""

    key: str
    team: str
    grants: frozenset[str] = frozenset()


class KeyStore(Protocol):
    """API keys by hash."""

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown, revoked or expired at ``now``."""


class Spool(Protocol):
    """The durable record on the local disk."""

    def append(self, *records: Record) -> None:
        """Write records in order, without waiting for the disk.

        Raises:
            LedgerUnavailable: nothing of them was written.
        """

    def keep(self, *records: Record) -> bool:
        """Write records, or hold them in memory until the disk takes them; tell whether they are written.

        Raises:
            LedgerUnavailable: they can be neither written nor held.
        """

    async def commit(self) -> None:
        """Return when everything written so far is durable; what is held in memory is not waited for.

        Raises:
            LedgerUnavailable: it could not be made durable.
        """


class Breakers(Protocol):
    """What the workers of a gateway tell one another of endpoints that fail."""

    async def share(self, own: Sequence[Paused]) -> tuple[Paused, ...]:
        """Say what this worker pauses, all of it, and return what the others do.

        Raises:
            StateUnavailable: the others cannot be asked.
        """


class StateStore(Protocol):
    """What all workers of a gateway share about money and rates. Each operation is atomic over all it names."""

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process."""

    async def admit(self, hold: str, entries: Sequence[Entry], rates: Sequence[Rate], seconds: float) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id.

        Args:
            hold: its id.
            entries: what is kept, one a counter.
            rates: what is counted, one a counter.
            seconds: how long the hold lives if nobody settles it.

        Raises:
            StateUnavailable: it cannot be asked.
        """

    async def settle(self, hold: str, charges: Mapping[str, int], tokens: int | None = None) -> None:
        """Release a hold and book what it truly cost. Idempotent; a cost above the hold counts in full.

        Args:
            hold: its id; one that is not held books nothing.
            charges: counter → cost.
            tokens: what the call truly took; rates of tokens count that from now on, in the second in which it was
                admitted. None: they stay as they are.

        Raises:
            StateUnavailable: it cannot be asked; it is told with the next :meth:`sweep` that can.
        """

    async def sweep(self, dead: Sequence[str] = ()) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline or their process (``dead``) at what they held, and return them.

        Raises:
            StateUnavailable: it cannot be asked.
        """

    async def seed(self, spent: Mapping[str, int]) -> None:
        """Raise counters to what the ledger says was spent; none is lowered.

        Raises:
            StateUnavailable: it cannot be asked.
        """

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing.

        Raises:
            StateUnavailable: it cannot be asked.
        """

    async def refresh(self) -> bool:
        """Learn anew what is used; False if the state was lost since it was seeded.

        Raises:
            StateUnavailable: it cannot be asked.
        """

    async def close(self) -> None:
        """Let go of connections."""


class SessionsUnavailable(Exception):
    """The labels of conversations cannot be read or kept: every conversation counts as tainted."""


class SessionLabels(Protocol):
    """What conversations carried, by team and key, until 24 hours after its last use."""

    async def begin(self, *, fresh: bool) -> None:
        """Begin, before anything is found. ``fresh``: there were no conversations that could have been forgotten.

        Raises:
            SessionsUnavailable: it cannot be asked.
        """

    async def covers(self, team: str, earlier: str | None, now: str, *, keep: bool) -> bool:
        """Tell whether all that a conversation carried is here: the store lost nothing, or it began after the loss.

        ``earlier``, ``now``: the caller's own keys of its last request (empty: none; None: unknown) and of this one.

        Raises:
            SessionsUnavailable: it cannot be told.
        """

    async def find(self, team: str, keys: Sequence[str]) -> tuple[Part, ...]:
        """Return what any of the keys carried, one part a kind, sorted; this is a use.

        Raises:
            SessionsUnavailable: it cannot be told.
        """

    async def add(self, team: str, keys: Sequence[str], parts: Sequence[Part]) -> None:
        """Add parts to each of the keys; on return every later :meth:`find` sees them.

        Raises:
            SessionsUnavailable: they cannot be kept.
        """

    async def sealed_by(self, team: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Return digest → vendor for those sealed blocks whose vendor is known.

        Raises:
            SessionsUnavailable: it cannot be told.
        """

    async def seal(self, team: str, digests: Sequence[str], vendor: str) -> None:
        """Remember which vendor issued sealed blocks.

        Raises:
            SessionsUnavailable: it cannot be kept.
        """


class DeepScan(Protocol):
    """Tier 2 of the detectors: too slow for every request, worth its time before anything leaves."""

    async def look(self, texts: Sequence[str]) -> tuple[Part, ...]:
        """Return what is found in the texts of a request, one part a kind; it must end by itself within its deadline.

        Raises:
            TimeoutError: it took too long; nobody knows what is in the rest.
        """


@dataclass(frozen=True, slots=True)
class UpstreamCall:
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


@dataclass(frozen=True, slots=True)
class UpstreamHead:
    """Status line and headers of an answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]


class UpstreamAnswer(Protocol):
    """An answer whose body is still coming."""

    @property
    def head(self) -> UpstreamHead:
        """Status and headers."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, one piece pulled at a time.

        Raises:
            UpstreamBroken: the connection ended before the body did.
        """


class UpstreamBroken(Exception):
    """An attempt failed on the way. ``sent`` is False if nothing can have reached the upstream."""

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
        self, target: Target, endpoint: str, *, failed: bool | None, retry_after: float | None, ttft: float | None
    ) -> None:
        """Take a request off an endpoint and remember how it went; ``failed`` is None if that tells nothing of it."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Return the recent time to first token of those targets that have one, sorted by id."""


class Responder(Protocol):
    """The way back to the client."""

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Send the head."""

    async def send(self, body: bytes) -> None:
        """Send a piece of the body; returns when the client's window has room."""

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece."""
