"""What the pipeline keeps and looks up: keys, records, money and rates, labels of conversations."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from gateway.domain.admission import Admission, BudgetEntry, Expired, Rate, Window
from gateway.domain.label import Part
from gateway.domain.records import Record
from gateway.failover.breaker import Paused
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.result import Document


class Principal(Struct, frozen=True):
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
        """Write records, or hold them in memory until the disk takes them; return whether they are written.

        Raises:
            LedgerUnavailable: they can be neither written nor held.
        """

    async def commit(self) -> None:
        """Return when everything written so far is durable; what is held in memory is not waited for.

        Raises:
            LedgerUnavailable: it could not be made durable.
        """


class Breakers(Protocol):
    """Shared state of circuit breakers: workers report failing endpoints to each other."""

    async def share(self, own: Sequence[Paused]) -> tuple[Paused, ...]:
        """Say what this worker pauses, all of it, and return what the others do.

        Raises:
            StateUnavailable: the others do not answer.
        """


class StateStore(Protocol):
    """What all workers of a gateway share about money and rates. Each operation is atomic over all it names."""

    here: bool
    """Whether no operation ever waits: then no cancellation can come between its parts."""

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent and what is held, as last known to this process."""

    async def admit(
        self, hold: str, entries: Sequence[BudgetEntry], rates: Sequence[Rate], seconds: float
    ) -> Admission:
        """Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's id.

        Args:
            hold: its id.
            entries: what is kept, one a counter.
            rates: what is counted, one a counter.
            seconds: how long the hold lives if it is not settled.

        Raises:
            StateUnavailable: the store is not available.
        """

    def unheld(self, hold: str, entries: Sequence[BudgetEntry]) -> None:
        """Record that a call continues although its hold failed; its settlement charges it, once."""

    async def settle(self, hold: str, charges: Mapping[str, int], tokens: int | None = None) -> None:
        """Release a hold and book its true cost. Idempotent; a cost above the hold counts in full.

        Args:
            hold: its id; one that is not held books nothing, unless it goes on without (:meth:`unheld`).
            charges: counter → cost.
            tokens: what the call truly took; rates of tokens count that from now on, in the second in which it was
                admitted. None: they stay as they are.

        Raises:
            StateUnavailable: the store is not available; the settlement is queued for the next :meth:`sweep` that
                succeeds.
        """

    async def sweep(self, dead: Sequence[str] = ()) -> tuple[Expired, ...]:
        """Book holds that outlived their deadline or their process (``dead``) at what they held, and return them.

        Raises:
            StateUnavailable: the store is not available.
        """

    async def seed(self, spent: Sequence[BudgetEntry]) -> None:
        """Raise counters to what the ledger says was spent, one entry a counter; none is lowered.

        Raises:
            StateUnavailable: the store is not available.
        """

    async def windows(self, rates: Sequence[Rate]) -> tuple[Window, ...]:
        """Return the state of rate limits, counting nothing.

        Raises:
            StateUnavailable: the store is not available.
        """

    async def refresh(self) -> bool:
        """Refresh the cache of what is used; False if the state was lost since it was seeded.

        Raises:
            StateUnavailable: the store is not available.
        """

    async def close(self) -> None:
        """Close all connections."""


class SessionsUnavailable(Exception):
    """The labels of conversations cannot be read or kept: every conversation counts as tainted."""


class SessionLabels(Protocol):
    """Labels of conversations, by team and key, until 24 hours after its last use."""

    remote: bool
    """Whether a network lies between, which may never answer: then each use needs a time-out."""

    async def begin(self, *, fresh: bool) -> None:
        """Begin, before anything is found. ``fresh``: there were no conversations that could have been forgotten.

        Raises:
            SessionsUnavailable: it does not answer.
        """

    async def covers(self, team: str, earlier: str | None, now: str, *, keep: bool) -> bool:
        """Return whether the stored labels of a conversation are complete.

        They are if the store lost nothing, or if the conversation began after the loss.

        ``earlier``, ``now``: the caller's own keys of its last request (empty: none; None: unknown) and of this one.

        Raises:
            SessionsUnavailable: the store is not available.
        """

    async def find(self, team: str, keys: Sequence[str]) -> list[tuple[Part, ...] | None]:
        """Return what is kept under each key; this counts as a use. None: nothing is known of it.

        Raises:
            SessionsUnavailable: the store is not available.
        """

    async def add(self, team: str, keys: Sequence[str], parts: Sequence[Part]) -> None:
        """Add parts to each of the keys, or note that they carry nothing; on return every later :meth:`find` sees it.

        Raises:
            SessionsUnavailable: they cannot be kept.
        """

    def plain(self, keys: Sequence[str]) -> None:
        """Note in this process, for as long as there is room, that keys carry nothing."""

    def doubt(self, keys: Sequence[str]) -> None:
        """Take that back: whatever becomes of what is added to them next, they may carry something."""

    async def sealed_by(self, team: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Return digest → vendor for those sealed blocks whose vendor is known.

        Raises:
            SessionsUnavailable: the store is not available.
        """

    async def seal(self, team: str, digests: Sequence[str], vendor: str) -> None:
        """Remember which vendor issued sealed blocks.

        Raises:
            SessionsUnavailable: it cannot be kept.
        """

    async def forget(self, forgotten: Forgotten) -> None:
        """Forget parts of what a key carries, or all of it.

        Raises:
            SessionsUnavailable: it cannot be forgotten now.
        """

    async def tidy(self) -> None:
        """Do what takes longer and no request may wait for; asked now and then."""


class DeepScan(Protocol):
    """Tier 2 of the detectors: too slow for every request, but used before a request is sent to a vendor."""

    async def look(self, texts: Sequence[str]) -> tuple[Part, ...]:
        """Return what is found in the texts of a request, one part a kind; it must end by itself within its deadline.

        Raises:
            TimeoutError: it took too long; it is unknown what is in the rest.
        """


class DocumentReader(Protocol):
    """Reads PDFs."""

    async def read(self, files: Sequence[bytes]) -> list[Document]:
        """Return what was read of each file, in their order, or why it was not; it ends within its own deadline."""
