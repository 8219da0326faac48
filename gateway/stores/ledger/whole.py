"""Requests that came whole, in one batch: their sums are made of the rows just written, without reading them back.

What is given here has the same keys as the rows of the queries ``rolled`` and ``attempts``, as far as sums use them.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.stores.ledger.rollup import is_complete
from gateway.stores.ledger.rows import COLUMNS, Values
from gateway.stores.sql.database import Row

Tables = Mapping[str, Sequence[Values]]
"""Table → rows that were inserted, values in the order of its columns."""
Whole = tuple[Row, Sequence[Row]]
"""A request with its end, and its attempts with their settlements, in order."""

_TEXTS: Final = frozenset({"id", "team", "key", "model", "task", "cost_center", "error", "target", "zone", "outcome"})
_NUMBERS: Final = frozenset(
    {"at", "would_drop", "attempts", "number", "hold", "cost", "discount", "estimated", "client_closed"}
    | {"input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"}
)
_PERHAPS: Final = frozenset({"reference", "ttft", "cached_input_cost", "cache_write_cost", "output_cost", "other_cost"})
_DECISION: Final = COLUMNS["decisions"]
_END: Final = tuple("finished_at" if name == "at" else name for name in COLUMNS["finished"])
_ATTEMPT: Final = COLUMNS["attempts"]
_SETTLED: Final = tuple({"at": "settled_at", "cost": "settled_cost"}.get(name, name) for name in COLUMNS["settlements"])
_OWNER: Final = _ATTEMPT.index("decision")
_ADJUSTED: Final = COLUMNS["adjustments"].index("attempt")
_DIMENSIONS: Final = tuple(map(_DECISION.index, ("team", "key", "model", "task", "cost_center")))
_KNOWN_SHAPES: Final = 1024


def whole_requests(inserted: Tables, known: Collection[str]) -> list[Whole]:
    """Return the requests of which all came: decision, each attempt with its settlement, and the end.

    Left out are those with an adjustment and those with a value that a database would change as it stores it.

    Args:
        inserted: the batch's rows that were new.
        known: requests of which something was there before.
    """
    ends = {row[0]: row for row in inserted.get("finished", ())}
    paid = {row[0]: row for row in inserted.get("settlements", ())}
    adjusted = {row[_ADJUSTED] for row in inserted.get("adjustments", ())}
    tried: dict[str, list[Values]] = {}
    for row in inserted.get("attempts", ()):
        tried.setdefault(row[_OWNER], []).append(row)
    found = []
    for made in inserted.get("decisions", ()):
        name = made[0]
        if name in ends and name not in known:
            own = tried.get(name, [])
            if all(row[0] in paid and row[0] not in adjusted for row in own):
                one = _joined(made, ends[name], [(row, paid[row[0]]) for row in own])
                if one is not None and is_complete(*one):
                    found.append(one)
    return found


def _joined(made: Values, end: Values, pairs: list[tuple[Values, Values]]) -> Whole | None:
    """Return a request as the queries would give it; None if a value is not stored as it is."""
    rows = [("decisions", made), ("finished", end)]
    for started, settled in pairs:
        rows += (("attempts", started), ("settlements", settled))
    # PostgreSQL stores another character in the place of a NUL.
    if any("\x00" in str(made[place]) for place in _DIMENSIONS):
        return None
    if not all(_is_stored_as_it_is(table, tuple(map(type, row))) for table, row in rows):
        return None
    request = {**dict(zip(_END, end, strict=True)), **dict(zip(_DECISION, made, strict=True)), "is_finished": True}
    attempts = [_attempt(started, settled) for started, settled in pairs]
    if len(attempts) > 1:
        attempts.sort(key=lambda each: (each["number"], each["id"]))
    return request, attempts


def _attempt(started: Values, settled: Values) -> dict[str, Any]:
    row = dict(zip(_SETTLED, settled, strict=True))
    row.update(zip(_ATTEMPT, started, strict=True))
    row["cost"] = row["settled_cost"]
    row["is_settled"], row["trued_up"] = True, False
    return row


@lru_cache(_KNOWN_SHAPES)
def _is_stored_as_it_is(table: str, shape: tuple[type, ...]) -> bool:
    """Return whether values of these types come back as they are, as far as sums use them."""
    return all(_fits(name, kind) for name, kind in zip(COLUMNS[table], shape, strict=True))


def _fits(name: str, kind: type) -> bool:
    if name in _TEXTS:
        return kind is str
    if name in _PERHAPS:
        return kind in {int, type(None)}
    return name not in _NUMBERS or kind in {int, bool}
