"""A target is one model at one place: what policy may choose from."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import urlsplit

from gateway.domain.files import FILE, PDF
from gateway.domain.label import Clearance
from gateway.domain.price import Price, ServiceTier, Tariff

Zone = Literal["local", "closed"]
Kind = Literal["sglang", "openai", "anthropic", "litellm"]
Dialect = Literal["openai.chat", "openai.completions", "openai.responses", "openai.embeddings", "anthropic.messages"]
DIALECTS: Final[tuple[Dialect, ...]] = get_args(Dialect)
TRANSLATED: Final[tuple[Dialect, ...]] = ("openai.chat", "anthropic.messages", "openai.responses")
"""Dialects that are translated into each other; the earlier the likelier that a server speaks it well."""
SPOKEN: Final[dict[Kind, tuple[str, ...]]] = {
    "sglang": ("openai.", "anthropic."),
    "openai": ("openai.",),
    "anthropic": ("anthropic.",),
    "litellm": (),
}
"""Kind → beginnings of the dialects that its servers can speak; for litellm they are unknown."""
CommercialUse = Literal["allowed", "forbidden", "conditional"]

_DAY_AND_LATE_NS: Final = 25 * 3_600_000_000_000
DEFAULT_BASES: Final[dict[Kind, str]] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "litellm": "",
    "sglang": "",
}
"""Where a closed target is if policy does not say; empty: litellm knows."""


def spoken_by(kind: Kind, dialect: str) -> bool:
    """Return whether servers of a kind can speak a dialect."""
    return dialect.startswith(SPOKEN[kind])


@dataclass(frozen=True, slots=True)
class License:
    """A model's licence as its publisher states it."""

    id: str
    commercial_use: CommercialUse = "allowed"


@dataclass(frozen=True, slots=True)
class Params:
    """What policy changes in a request's top-level fields before it is sent to the target."""

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


NO_TIMEOUTS: Final = Timeouts()
"""The target has no time-outs of its own."""


FILES: Final = frozenset({PDF, FILE})
"""Kinds of input that a model is not given unless it is known to take them, whatever the rules are."""
_READERS: Final = frozenset({"anthropic", "openai"})


@dataclass(frozen=True, slots=True)
class Target:
    """One model at one place."""

    id: str
    zone: Zone
    kind: Kind
    model: str
    endpoints: tuple[str, ...]
    """Roots of the servers for local targets, ``api_base`` for closed ones; empty takes the vendor's default."""
    clearance: Clearance
    price: Price
    """What it costs to plan with: by this targets are ranked where ``tariff`` does not say better."""
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
    timeouts: Timeouts = NO_TIMEOUTS
    space: str = ""
    """Vector space of an embedding model: vectors of two spaces cannot replace one another."""
    dialects: tuple[Dialect, ...] = ()
    """What its servers speak, sorted; empty: all that those of its kind can."""
    tariff: Tariff = Tariff()
    """What is charged, by date and tier; empty: ``price``, always."""

    @property
    def places(self) -> tuple[str, ...]:
        """Return the endpoints, or the vendor's default; never empty."""
        return self.endpoints or (DEFAULT_BASES[self.kind],)

    def can(self, need: str) -> bool:
        """Return whether the model can do what a request needs.

        PDFs and other files are taken by what says so, and by models of Anthropic and OpenAI that can see.
        """
        if need in self.capabilities:
            return True
        return need in FILES and self.zone == "closed" and self.kind in _READERS and "vision" in self.capabilities

    @property
    def vendor(self) -> str:
        """Return who gets what is sent here: the host, or the provider that litellm knows by the model's first part."""
        return urlsplit(self.places[0]).netloc.rpartition("@")[2] or self.model.partition("/")[0]

    def speaks(self, dialect: str) -> bool:
        """Return whether the target takes a dialect as it is; otherwise the call has to be bridged."""
        if self.dialects:
            return dialect in self.dialects
        if self.kind == "openai" and dialect == "openai.responses":  # which few of those that copy OpenAI have
            return self.vendor == urlsplit(DEFAULT_BASES["openai"]).netloc
        return spoken_by(self.kind, dialect)

    def sent_as(self, dialect: str) -> Dialect | None:
        """Return the dialect in which it is sent a call of this one: the same if it speaks it; None if it takes none.

        What speaks no dialect of ours (``litellm``) is sent OpenAI's chat, which the egress hands to litellm.
        """
        if self.speaks(dialect):
            return cast("Dialect", dialect)
        if dialect not in TRANSLATED:
            return None
        if self.kind == "litellm":
            return TRANSLATED[0]
        return next((one for one in TRANSLATED if self.speaks(one)), None)

    def route(self, at_ns: int, input_tokens: int, service: ServiceTier = "") -> Price:
        """Return the rates by which the target is ranked: planned, so that idle hardware does not look expensive."""
        return self.tariff.route(at_ns, input_tokens, service, self.price)

    def charge(self, at_ns: int, input_tokens: int, service: ServiceTier = "") -> Price:
        """Return the rates that a call is charged at: those of its time, its size and its tier, fully loaded."""
        if not self.tariff.periods:
            return self.price
        return self.tariff.charge(at_ns, input_tokens, service, self.price)

    def listed(self, at_ns: int, input_tokens: int, service: ServiceTier = "") -> Price:
        """Return the list rates of a call: those that it is charged at, before a contract's discount."""
        return self.tariff.listed(at_ns, input_tokens, service, self.price)

    def hold(self, day_ns: int, most_input_tokens: int, service: ServiceTier = "") -> tuple[Price, ...]:
        """Return all rates that a call of at most so many input tokens may be charged at: what bounds its cost.

        ``day_ns`` is the start of the day on which it arrived: facts know no more of the time. So every price counts
        that holds on this day, or begins soon enough after it for an attempt of a call from before midnight.
        """
        if not self.tariff.periods:
            return (self.price,)
        return self.tariff.reachable(day_ns, most_input_tokens, service, day_ns + _DAY_AND_LATE_NS) or (self.price,)

    def quality_for(self, task: str) -> float | None:
        """Return the quality for a task, the default one, or None if nothing is known."""
        return self.quality.get(task, self.quality.get("default"))
