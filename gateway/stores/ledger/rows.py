"""How a record becomes rows: the one place that knows both the records and the ledger's columns."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from msgspec import Struct

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

_PARTS: Final = ("cached_input", "cache_write", "output", "other")
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


def fields_of(record: Record) -> tuple[str, ...]:
    """Return the names of a record's fields, in their order."""
    return record.__struct_fields__ if isinstance(record, Struct) else tuple(record.__slots__)


def rows_of(record: Record) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a record, each with its table, in the order in which they are inserted.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: a field is not of its type.
    """
    match record:
        case PolicyLoaded():
            return [("policies", {"hash": record.id, "first_seen": record.at, "text": record.text})]
        case DecisionMade():
            return [("explanations", _explanation(record)), ("decisions", _decision(record))]
        case AttemptStarted():
            return [("attempts", {name: getattr(record, name) for name in fields_of(record)})]
        case Receipt():
            return [("receipts", _receipt(record))]
        case Settled():
            return [("settlements", _settlement(record))]
        case Finished():
            row = {name: getattr(record, name) for name in fields_of(record) if name != "id"}
            return [("finished", {"decision": record.id, **row})]
        case Adjustment() | GpuSample():
            table = "adjustments" if isinstance(record, Adjustment) else "gpu_samples"
            return [(table, {name: getattr(record, name) for name in fields_of(record)})]
        case Action():
            return [("actions", _action(record))]


def _explanation(record: DecisionMade) -> dict[str, Any]:
    return {
        "decision": record.id,
        "facts": orjson.dumps(record.facts).decode(),
        # In the order of the keys as they came: these are the bytes of Decision.canonical().
        "outcome": orjson.dumps(record.decision).decode(),
        "evidence": orjson.dumps(record.evidence).decode(),
    }


def _decision(record: DecisionMade) -> dict[str, Any]:
    facts, decision = record.facts, record.decision
    return {
        "id": record.id,
        "at": record.at,
        "decided_at": record.decided_at,
        "instance": record.instance,
        "team": record.team,
        "key": record.key,
        "model": facts.get("model", ""),
        "task": facts.get("task", ""),
        "data_class": facts.get("label", {}).get("data_class", ""),
        "policy": record.policy,
        "reason": decision.get("reason") or "",
        "rule": decision.get("rule", ""),
        "would_drop": len(decision.get("would_drop", ())),
        "cost_center": record.cost_center,
        "trace": record.trace.trace,
        "span": record.trace.span,
        "parent": record.trace.parent,
        "sampled": record.trace.sampled,
    }


def _receipt(record: Receipt) -> dict[str, Any]:
    entry = record.entry
    row = {name: getattr(entry, name) for name in entry.__slots__}
    row |= {
        "categories": orjson.dumps(entry.categories).decode(),
        "exceptions": orjson.dumps(entry.exceptions).decode(),
    }
    # The request's id as the edge knows it: it distinguishes records of the spool and the database.
    return {"id": record.id, **row, "decision": record.decision}


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


def _action(record: Action) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in fields_of(record)}
    states = {name: row[name] for name in ("before", "after")}
    return row | {name: None if state is None else orjson.dumps(state).decode() for name, state in states.items()}


def action_of(row: Mapping[str, Any]) -> Action:
    """Return the action that a row of ``actions`` holds.

    Raises:
        ValueError: it holds none: somebody changed it.
    """
    data = {name: row[name] for name in Action.__slots__}
    return Action(**data | {name: orjson.loads(data[name]) for name in ("before", "after") if data[name] is not None})


def _settlement(record: Settled) -> dict[str, Any]:
    usage = record.usage
    return {
        "attempt": record.id,
        "decision": record.decision,
        "at": record.at,
        "outcome": record.outcome,
        "status": record.status,
        "input_tokens": usage.input_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "estimated": usage.estimated,
        "cost": record.cost,
        "finish": record.finish,
        "ttft": record.ttft,
        "duration": record.duration,
        "response_model": record.response_model,
        "response_id": record.response_id,
        "cache_write_1h_tokens": usage.cache_write_1h_tokens,
        "audio_input_tokens": usage.audio_input_tokens,
        "image_input_tokens": usage.image_input_tokens,
        "audio_output_tokens": usage.audio_output_tokens,
        "web_searches": usage.web_searches,
        "service_tier": usage.service_tier,
        "price_source": record.price_source,
        "discount": record.discount,
        **_parts(record),
    }


def _parts(record: Settled) -> dict[str, Any]:
    return {f"{name}_cost": None if record.parts is None else getattr(record.parts, name) for name in _PARTS}
