"""How a record becomes rows: the one place that knows both the records and the ledger's columns."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

import orjson

from gateway.domain.chain import ChainEntry
from gateway.domain.records import (
    Action,
    Adjustment,
    AttemptStarted,
    DecisionMade,
    Finished,
    GpuSample,
    PolicyLoaded,
    Receipt,
    Record,
    Settled,
)

OWNERS: Final = {
    "decisions": "id",
    "explanations": "decision",
    "attempts": "decision",
    "settlements": "decision",
    "finished": "decision",
    "receipts": "decision",
    "adjustments": "decision",
}
"""Table → the column that names its request."""

_ATTEMPT: Final = (
    *("id", "decision", "number", "at", "target", "zone", "model", "provider", "server", "hold", "span"),
    *("price_source", "team", "attempt_kind"),
)
_DECISION: Final = ("id", "at", "decided_at", "instance", "team", "key", "policy", "cost_center")
_TRACE: Final = ("trace", "span", "parent", "sampled")
_DECIDED: Final = ("model", "task", "data_class", "reason", "rule", "would_drop")
_FINISHED: Final = (
    *("at", "status", "error", "target", "zone", "reason", "rule", "attempts", "cost", "dearest", "reference"),
    *("reference_target", "client_closed", "method", "user_agent"),
)
_SETTLED: Final = (
    *("decision", "at", "outcome", "status", "cost", "finish", "ttft", "duration", "response_model", "response_id"),
    *("price_source", "discount"),
)
_USAGE: Final = (
    *("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "estimated"),
    *("cache_write_1h_tokens", "audio_input_tokens", "image_input_tokens", "audio_output_tokens", "web_searches"),
    "service_tier",
)
_PARTS: Final = ("cached_input", "cache_write", "output", "other")
_ADJUSTMENT: Final = ("id", "decision", "attempt", "at", "amount", "price_source", "reason")
_SAMPLE: Final = (
    *("id", "at", "target", "server", "running", "waiting", "tokens_per_second", "token_usage", "cache_hit_rate"),
    *("input_tokens", "cached_tokens", "output_tokens"),
)
_ENTRY: Final = tuple(name for name in ChainEntry.__slots__ if name not in ("decision", "categories", "exceptions"))
_ACTION: Final = ("id", "at", "actor", "role", "via", "action", "subject")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "policies": ("hash", "first_seen", "text"),
    "explanations": ("decision", "facts", "outcome", "evidence"),
    "decisions": (*_DECISION, *_TRACE, *_DECIDED),
    "attempts": _ATTEMPT,
    "receipts": ("id", "decision", *_ENTRY, "categories", "exceptions"),
    "settlements": ("attempt", *_SETTLED, *_USAGE, *[f"{name}_cost" for name in _PARTS]),
    "finished": ("decision", *_FINISHED),
    "adjustments": _ADJUSTMENT,
    "gpu_samples": _SAMPLE,
    "actions": (*_ACTION, "before", "after"),
}
"""Table → its columns, in the order of the values of a row. The first one is its primary key."""

_attempt = attrgetter(*_ATTEMPT)
_decision = attrgetter(*_DECISION, *[f"trace.{name}" for name in _TRACE])
_finished = attrgetter("id", *_FINISHED)
_settled = attrgetter("id", *_SETTLED, *[f"usage.{name}" for name in _USAGE])
_parts = attrgetter(*_PARTS)
_adjustment = attrgetter(*_ADJUSTMENT)
_sample = attrgetter(*_SAMPLE)
_entry = attrgetter(*_ENTRY)
_action = attrgetter(*_ACTION)

Values = tuple[Any, ...]
Rows = tuple[tuple[str, Values], ...]


def rows_of(record: Record) -> Rows:
    """Return the rows of a record, each with its table and its values in the order of :data:`COLUMNS`.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: a field is not of its type.
    """
    return _ROWS[type(record)](record)


def _policy_rows(record: PolicyLoaded) -> Rows:
    return (("policies", (record.id, record.at, record.text)),)


def _decision_rows(record: DecisionMade) -> Rows:
    facts, decision = record.facts, record.decision
    explanation = (
        record.id,
        orjson.dumps(facts).decode(),
        # In the order of the keys as they came: these are the bytes of Decision.canonical().
        orjson.dumps(decision).decode(),
        orjson.dumps(record.evidence).decode(),
    )
    decided = (
        facts.get("model", ""),
        facts.get("task", ""),
        facts.get("label", {}).get("data_class", ""),
        decision.get("reason") or "",
        decision.get("rule", ""),
        len(decision.get("would_drop", ())),
    )
    return (("explanations", explanation), ("decisions", (*_decision(record), *decided)))


def _attempt_rows(record: AttemptStarted) -> Rows:
    return (("attempts", _attempt(record)),)


def _receipt_rows(record: Receipt) -> Rows:
    entry = record.entry
    lists = (orjson.dumps(entry.categories).decode(), orjson.dumps(entry.exceptions).decode())
    # The request's id as the edge knows it: it distinguishes records of the spool and the database.
    return (("receipts", (record.id, record.decision, *_entry(entry), *lists)),)


def _settlement_rows(record: Settled) -> Rows:
    parts = (None,) * len(_PARTS) if record.parts is None else _parts(record.parts)
    return (("settlements", _settled(record) + parts),)


def _finished_rows(record: Finished) -> Rows:
    return (("finished", _finished(record)),)


def _adjustment_rows(record: Adjustment) -> Rows:
    return (("adjustments", _adjustment(record)),)


def _sample_rows(record: GpuSample) -> Rows:
    return (("gpu_samples", _sample(record)),)


def _action_rows(record: Action) -> Rows:
    states = [None if state is None else orjson.dumps(state).decode() for state in (record.before, record.after)]
    return (("actions", (*_action(record), *states)),)


_ROWS: Final[Mapping[type[Record], Callable[[Any], Rows]]] = {
    PolicyLoaded: _policy_rows,
    DecisionMade: _decision_rows,
    AttemptStarted: _attempt_rows,
    Receipt: _receipt_rows,
    Settled: _settlement_rows,
    Finished: _finished_rows,
    Adjustment: _adjustment_rows,
    GpuSample: _sample_rows,
    Action: _action_rows,
}


def entry_of(row: Mapping[str, Any]) -> ChainEntry:
    """Return the entry that a row of ``receipts`` holds.

    Raises:
        ValueError: it holds none: somebody changed it.
    """
    data = {name: row[name] for name in ChainEntry.__slots__}
    try:
        lists = {name: orjson.loads(data[name]) for name in ("categories", "exceptions")}
    except TypeError as error:
        raise ValueError(error) from error
    return ChainEntry.of({**data, **lists, "observed": bool(data["observed"])})


def action_of(row: Mapping[str, Any]) -> Action:
    """Return the action that a row of ``actions`` holds.

    Raises:
        ValueError: it holds none: somebody changed it.
    """
    data = {name: row[name] for name in Action.__slots__}
    return Action(**data | {name: orjson.loads(data[name]) for name in ("before", "after") if data[name] is not None})
