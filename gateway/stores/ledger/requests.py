"""How a request looks to people and programs: the rows of ``gateway decisions`` and of the admin plane."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from gateway.domain.money import usd_text
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.sql.database import Row

_COUNTS: Final = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_RARE: Final = (
    *("cache_write_1h_tokens", "audio_input_tokens", "image_input_tokens", "audio_output_tokens"),
    "web_searches",
)
"""Buckets that are only shown where something is in them."""
_NS_PER_MS: Final = 1_000_000


def rows_of(seen: LedgerSnapshot, requests: Sequence[Row]) -> list[dict[str, Any]]:
    """Return a row for each request, in order."""
    attempts = _attempts(seen, [request["id"] for request in requests])
    return [_row(request, attempts.get(request["id"], [])) for request in requests]


def details(seen: LedgerSnapshot, request: Row) -> dict[str, Any]:
    """Return all that the ledger knows of a request."""
    attempts = _attempts(seen, [request["id"]]).get(request["id"], [])
    sql = "SELECT * FROM {db}.explanations WHERE decision = :id AND decision NOT IN {elsewhere}"
    stored = next(iter(seen.select(sql, {"id": request["id"]})), None)
    cost, reference = _cost(attempts), request["reference"]
    return {
        **_row(request, attempts),
        "facts": orjson.loads(stored["facts"]) if stored else {},
        "decision": orjson.loads(stored["outcome"]) if stored else {},
        "evidence": orjson.loads(stored["evidence"]) if stored else [],
        "attempt_list": [_attempt(attempt, request["at"]) for attempt in attempts],
        "price_source": _price_source(attempts[-1]) if attempts else None,
        "dearest_usd": _usd(request["dearest"]),
        "reference_usd": _usd(reference),
        "reference_target": request["reference_target"] or None,
        "savings_usd": None if reference is None else usd_text(reference - cost),
        "decided_us": (request["decided_at"] - request["at"]) // 1000,
        "instance": request["instance"],
        "cost_center": request["cost_center"],
        "trace_id": request["trace"],
        "span_id": request["span"],
        "method": request["method"],
        "user_agent": request["user_agent"],
    }


def time_text(at_ns: int) -> str:
    """Return a time in UTC, to the millisecond."""
    return datetime.fromtimestamp(at_ns // _NS_PER_MS / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _attempts(seen: LedgerSnapshot, decisions: Sequence[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in seen.rows("attempts", {"ids": orjson.dumps(decisions).decode()}):
        found.setdefault(row["decision"], []).append(row)
    return found


def _row(request: Row, attempts: Sequence[Row]) -> dict[str, Any]:
    running = not request["is_finished"]
    last = attempts[-1] if attempts else None
    on_its_way = last if running else None
    return {
        "id": request["id"],
        "time": time_text(request["at"]),
        "team": request["team"],
        "key": request["key"],
        "model": request["model"],
        "target": (on_its_way["target"] if on_its_way else request["target"]) or None,
        "zone": (on_its_way["zone"] if on_its_way else request["zone"]) or None,
        "data_class": request["data_class"],
        "reason": (request["reason"] if running else request["final_reason"]) or None,
        "rule": (request["rule"] if running else request["final_rule"]) or None,
        "status": request["status"],
        "attempts": len(attempts),
        "usage": _usage(attempts),
        "cost_usd": usd_text(_cost(attempts)),
        "policy": request["policy"],
        "error": request["error"] or None,
        "task": request["task"],
        "would_drop": request["would_drop"],
        "latency_ms": None if running else _ms(request["finished_at"] - request["at"]),
        "ttft_ms": _first_byte(attempts, request["at"]),
        "running": running,
    }


def _usage(attempts: Sequence[Row]) -> dict[str, Any]:
    """Return the tokens of all attempts: what was billed, not only what was delivered."""
    usage: dict[str, Any] = {name: sum(attempt[name] or 0 for attempt in attempts) for name in _COUNTS}
    rare = {name: sum(attempt[name] or 0 for attempt in attempts) for name in _RARE}
    usage |= {name: count for name, count in rare.items() if count}
    usage["estimated"] = any(attempt["estimated"] for attempt in attempts)
    return usage


def _cost(attempts: Sequence[Row]) -> int:
    return sum(attempt["cost"] if attempt["is_settled"] else attempt["hold"] for attempt in attempts)


def _first_byte(attempts: Sequence[Row], arrived: int) -> float | None:
    """Return when the caller saw the first content: failed attempts before it were part of the wait."""
    for attempt in attempts:
        if attempt["outcome"] in {"ok", "client_closed"} and attempt["ttft"] is not None:
            return _ms(attempt["at"] - arrived + attempt["ttft"])
    return None


def _attempt(row: Row, arrived: int) -> dict[str, Any]:
    settled = bool(row["is_settled"])
    return {
        "id": row["id"],
        "number": row["number"],
        "kind": row["attempt_kind"] or None,
        "after_ms": _ms(row["at"] - arrived),
        "target": row["target"],
        "zone": row["zone"],
        "model": row["model"],
        "provider": row["provider"],
        "server": row["server"],
        "hold_usd": usd_text(row["hold"]),
        "price_source": _price_source(row),
        "span_id": row["span"],
        "settled": settled,
        "outcome": row["outcome"],
        "status": row["status"],
        "usage": _usage([row]) if settled else None,
        "cost_usd": _usd(row["cost"]),
        "finish": row["finish"] or None,
        "ttft_ms": None if row["ttft"] is None else _ms(row["ttft"]),
        "duration_ms": None if row["duration"] is None else _ms(row["duration"]),
        "response_model": row["response_model"] or None,
        "response_id": row["response_id"] or None,
    }


def _price_source(attempt: Row) -> str:
    """Return what an attempt was charged by; while it runs, the price that it began with."""
    return str(attempt["charged_by"] or attempt["price_source"])


def _usd(nanos: int | None) -> str | None:
    return None if nanos is None else usd_text(nanos)


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / _NS_PER_MS, 3)
