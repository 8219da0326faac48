"""What the ledger is made of: append-only records, pure data, never prompt text.

One request leaves ``DecisionMade``, for each attempt ``AttemptStarted`` and ``Settled``, for each ticket a ``Receipt``,
and one ``Finished``. ``Adjustment`` corrects a settlement later; ``GpuSample`` is what our own hardware did;
``Action`` is who changed what by hand.
Times are Unix time in nanoseconds, durations are nanoseconds, money is nano-dollars.
"""

from dataclasses import dataclass
from types import NoneType
from typing import Any, ClassVar, Final, Literal

import msgspec
import orjson
from msgspec import Struct, field

from gateway.domain.chain import ChainEntry
from gateway.domain.money import CostParts
from gateway.domain.target import Zone
from gateway.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class PolicyLoaded:
    """A policy came into force; its resolved text is kept so that decisions can be replayed."""

    kind: ClassVar[str] = "policy"
    id: str
    """The policy's hash."""
    at: int
    text: str


class TraceRef(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Where a request is in a W3C trace; ids are lower-case hex, ``parent`` is empty for a root."""

    trace: str
    span: str
    parent: str = ""
    sampled: bool = True


class DecisionMade(Struct, frozen=True, tag_field="kind", tag="decision", forbid_unknown_fields=True):
    """A request was labelled and decided."""

    kind: ClassVar[str] = "decision"
    id: str
    at: int
    """When the request arrived."""
    decided_at: int
    instance: str
    team: str
    key: str
    policy: str
    facts: dict[str, Any]
    """As :meth:`gateway.domain.facts.Facts.as_json` gives them."""
    decision: dict[str, Any]
    """As :meth:`gateway.domain.decision.Decision.as_json` gives it; its canonical bytes are what a replay must give."""
    evidence: list[dict[str, Any]]
    """Detector, JSON path and span of each finding; never text."""
    trace: TraceRef
    cost_center: str = ""


class AttemptStarted(Struct, frozen=True, gc=False, tag_field="kind", tag="attempt", forbid_unknown_fields=True):
    """Written before the first byte is sent to a target."""

    kind: ClassVar[str] = "attempt"
    id: str
    decision: str
    number: int
    """1 for the first."""
    at: int
    target: str
    zone: Zone
    model: str
    provider: str
    """The target's kind."""
    server: str
    """``host:port`` for spans; of a closed target the vendor's host."""
    hold: int
    span: str
    price_source: str
    team: str
    """Repeated here so that an orphan can be charged without its decision."""
    attempt_kind: str = ""
    """An :data:`~gateway.domain.chain.AttemptKind`; empty in records of before there were receipts."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a ticket: the egress's entry, or why there is none.

    Then the entry has neither a place in a chain nor a hash, and its outcome is one of :data:`UNCHAINED`, or a refusal
    for a ticket that the egress could not read. An entry that came late has a record of its own.
    """

    kind: ClassVar[str] = "receipt"
    id: str
    """The ticket's; with a ``?`` behind it if no answer came."""
    decision: str
    entry: ChainEntry


NO_EGRESS: Final = "no_egress"
"""Nothing reached an egress."""
NO_ANSWER: Final = "no_answer"
"""The call was sent to the egress, but its answer did not arrive or was not awaited: it may have been sent to the
vendor.
"""
NO_RECEIPT: Final = "no_receipt"
"""The egress answered without a receipt for this ticket and body."""
UNKNOWN: Final = "unknown"
"""How an attempt ended whose egress ended before its answer came: it may be at the vendor, so it is charged."""
UNCHAINED: Final = frozenset({NO_EGRESS, NO_ANSWER, NO_RECEIPT})


class Settled(
    Struct, frozen=True, gc=False, tag_field="kind", tag="settled", forbid_unknown_fields=True, omit_defaults=True
):
    """An attempt ended and was charged; exactly one for each ``AttemptStarted``. Its id is the attempt's.

    What came later is left out of its line where it is empty, so that older records keep their bytes. ``omit_defaults``
    leaves out what equals a plain default, never what a factory made.
    """

    kind: ClassVar[str] = "settled"
    id: str
    decision: str
    at: int
    outcome: str
    """``ok``, ``client_closed``, ``orphaned``, :data:`UNKNOWN` or an error code of :mod:`gateway.domain.errors`."""
    status: int
    """The upstream's HTTP status; 0 if it gave none."""
    usage: Usage
    cost: int
    finish: str = field(default_factory=str)
    ttft: int | None = field(default_factory=NoneType)
    """From the attempt's start to its first content byte; None if none came."""
    duration: int = field(default_factory=int)
    response_model: str = field(default_factory=str)
    response_id: str = field(default_factory=str)
    price_source: str = ""
    """The price that was charged, with its version and tier; empty: the attempt's own."""
    parts: CostParts | None = None
    """What the cost is made of; None: only the sum is known."""
    discount: int = 0
    """What a contract took off the list price, in nano-dollars: the cost and it together are the list cost."""


class Finished(Struct, frozen=True, gc=False, tag_field="kind", tag="finished", forbid_unknown_fields=True):
    """A request ended. Its id is the decision's."""

    kind: ClassVar[str] = "finished"
    id: str
    at: int
    status: int
    """What the client got; 499 if it hung up."""
    error: str
    """Stable code; empty for a success."""
    target: str
    """The target that served; empty if none did."""
    zone: str
    reason: str
    rule: str
    attempts: int
    cost: int
    """Sum of the attempts' charges."""
    dearest: int
    """What the same usage would have cost at the most expensive permitted target."""
    reference: int | None
    """The same on the team's reference target; None if the team has none, or if nothing was attempted."""
    reference_target: str
    client_closed: bool = False
    method: str = "POST"
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An attempt costs more or less than it was settled at; the settlement itself is never edited."""

    kind: ClassVar[str] = "adjustment"
    id: str
    """Made of what it corrects: booking it twice is booking it once."""
    decision: str
    attempt: str
    at: int
    amount: int
    """To be added to the settlement's cost; may be negative."""
    price_source: str
    reason: str
    """``rerate``: a corrected price; ``gpu_hour``: what the hour of our own hardware truly cost."""


@dataclass(frozen=True, slots=True)
class GpuSample:
    """What a local server said of itself; counters are since its start."""

    kind: ClassVar[str] = "gpu_sample"
    id: str
    at: int
    target: str
    server: str
    """``host:port``."""
    running: int
    waiting: int
    tokens_per_second: float
    """Output tokens, as the server measures them."""
    token_usage: float
    """Share of the key-value cache in use."""
    cache_hit_rate: float
    input_tokens: int
    cached_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Action:
    """Somebody changed something by the command line or the admin plane, or a caller disputes a finding.

    It is written before the change, as intended. If that fails, a second one follows, which ends in :data:`FAILED`.
    """

    kind: ClassVar[str] = "action"
    id: str
    at: int
    actor: str
    """The name of an admin token; on the command line the login of the operating system; the id of a caller's key."""
    role: str
    """By which the actor may do this."""
    via: Literal["cli", "api"]
    action: str
    """What was done to what, e.g. ``key.revoke``."""
    subject: str
    """What was changed: the id of a key or token, a span of days."""
    before: dict[str, Any] | None = None
    """What changed, as it was; None: nothing was there. Never a secret, a key or a token."""
    after: dict[str, Any] | None = None
    """The same as it is now; None: nothing is left."""


FAILED: Final = ".failed"
DISPUTE: Final = "decision.dispute"
"""Ends the ``action`` of a change that was recorded and then failed."""

Record = PolicyLoaded | DecisionMade | AttemptStarted | Receipt | Settled | Finished | Adjustment | GpuSample | Action

KINDS: Final[dict[str, type[Record]]] = {
    record.kind: record
    for record in (
        *(PolicyLoaded, DecisionMade, AttemptStarted, Receipt, Settled, Finished),
        *(Adjustment, GpuSample, Action),
    )
}


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final[msgspec.json.Decoder[DecisionMade | AttemptStarted | Settled | Finished]] = msgspec.json.Decoder(
    DecisionMade | AttemptStarted | Settled | Finished
)
"""Of the records that each request leaves; it also checks the types of their fields."""


def encode(record: Record) -> bytes:
    """Return the record as one line of JSON, without the line's end."""
    if isinstance(record, Struct):
        return _ENCODER.encode(record)
    return b'{"kind":"' + record.kind.encode() + b'",' + _ENCODER.encode(record)[1:]


def decode(line: bytes) -> Record:
    """Return the record of a line that :func:`encode` made.

    Raises:
        ValueError: the line is not one of ours.
    """
    try:
        return _DECODER.decode(line)
    except (
        ValueError
    ):  # one of the other kinds, or one with a value of another type: the ledger says what to do with it
        return _any(line)


def _any(line: bytes) -> Record:
    data = orjson.loads(line)
    try:
        record = KINDS[data.pop("kind")]
        if record is Settled:
            data["usage"] = Usage(**data["usage"])
            data["parts"] = CostParts(**data["parts"]) if "parts" in data else None
        if record is DecisionMade:
            data["trace"] = TraceRef(**data["trace"])
        if record is Receipt:
            data["entry"] = ChainEntry.of(data["entry"])
        return record(**data)
    except (KeyError, AttributeError, TypeError) as error:
        msg = "not a ledger record"
        raise ValueError(msg) from error
