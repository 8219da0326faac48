"""Everything outside that the pipeline is handed: ports, and the few settings it acts on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from gateway.estimation.typical import Typical
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.salt import Salt
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import (
    Clock,
    DeepScan,
    DocumentReader,
    KeyStore,
    LoadBoard,
    SessionLabels,
    Spool,
    StateStore,
    Upstream,
)
from gateway.telemetry.exchange import Exchange

OnLost = Literal["local_only", "reject"]
"""What becomes of calls while a store is away."""
"""What calls of callers with budgets or rate limits may do while the shared state does not answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is taken in."""

    body_bytes: int = 32 * 1024 * 1024
    depth: int = 64
    answer_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds; a target may override each."""

    connect: float = 5.0
    first_token: float = 120.0
    idle: float = 60.0
    total: float = 900.0


class Observer(Protocol):
    """Hears of what happened; must be quick and must not raise."""

    def exchange(self, exchange: Exchange) -> None:
        """Note a finished request."""

    def refused(self, dialect: str, code: str, team: str, decision: str) -> None:
        """Note a request that ended before it was decided."""

    def mangled(self, team: str, target: str, count: int) -> None:
        """Note placeholders of masking that a target's answer mangled, so that no value could come back for them."""


@dataclass(frozen=True, slots=True)
class World:
    """What the composition root hands in."""

    clock: Clock
    random: Callable[[int], bytes]
    policy: Callable[[], PolicySnapshot]
    keys: KeyStore
    spool: Spool
    state: StateStore
    board: LoadBoard
    upstream: Upstream
    observer: Observer
    salt: Salt
    sessions: SessionLabels
    instance: str
    deep: DeepScan | None = None
    """Tier 2 of the detectors, called before a request is sent to a vendor; None if it is off."""
    documents: DocumentReader | None = None
    """Reads PDFs; None: they count as pictures."""
    typical: Typical = field(default_factory=Typical)
    """What calls of this process usually took."""
    pacing: Pacing = field(default_factory=Pacing)
    """Recent pace of budgets."""
    on_state_lost: OnLost = "local_only"
    on_ledger_lost: OnLost = "reject"
    limits: Limits = field(default_factory=Limits)
    deadlines: Deadlines = field(default_factory=Deadlines)
