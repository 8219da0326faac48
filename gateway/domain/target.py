"""A target is one model at one place: what policy may choose from."""

from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.domain.label import Clearance

Zone = Literal["local", "closed"]
Kind = Literal["sglang", "openai", "anthropic", "litellm"]
Dialect = Literal["openai.chat", "anthropic.messages"]
CommercialUse = Literal["allowed", "forbidden", "conditional"]


@dataclass(frozen=True, slots=True)
class License:
    """A model's licence as its publisher states it."""

    id: str
    commercial_use: CommercialUse = "allowed"


@dataclass(frozen=True, slots=True)
class Price:
    """Rates in nano-dollars per million tokens, and where they come from."""

    input: int
    output: int
    cached_input: int
    cache_write: int
    source: str
    """``yaml``, ``gpu`` or ``catalog:<dated snapshot>:<key>``."""


@dataclass(frozen=True, slots=True)
class Params:
    """What policy changes in a request's top-level fields before it goes to the target."""

    set: dict[str, Any] = field(default_factory=dict)
    default: dict[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    clamp: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; None takes the process's setting."""

    connect: float | None = None
    first_token: float | None = None
    idle: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One model at one place."""

    id: str
    zone: Zone
    kind: Kind
    model: str
    endpoints: tuple[str, ...]
    """Roots of the servers for local targets; of ``api_base`` (or the vendor's default) for closed ones."""
    clearance: Clearance
    price: Price
    quality: dict[str, float]
    """Task → chance that the answer is as good as the reference target's; ``default`` for the rest."""
    context_window: int
    max_output_tokens: int
    capabilities: frozenset[str] = frozenset()
    license: License | None = None
    region: str = ""
    params: Params = field(default_factory=Params)
    api_key_env: str | None = None
    local_api_key_env: str | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    space: str = ""
    """Vector space of an embedding model: vectors of two spaces cannot stand in for one another."""

    def quality_for(self, task: str) -> float | None:
        """Return the quality for a task, the default one, or None if nothing is known."""
        return self.quality.get(task, self.quality.get("default"))
