"""Requests that came whole, in one batch: their sums are made of the rows just written, without reading them back.

What is given here has the same keys as the rows of the queries ``rolled`` and ``attempts``, as far as sums use them.
"""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from gateway.stores.ledger.rows import COLUMNS, Values
from gateway.stores.sql.database import Row

Tables = Mapping[str, Sequence[Values]]
"""Table → rows that were inserted, values in the order of its columns."""
Whole = tuple[Row, Sequence[Row]]
"""A request with its end, and its attempts with their settlements, in order."""

_TEXTS: Final = frozenset({"id", "team", "key", "model", "task", "cost_center", "error", "target", "zone", "outcome"})
_PERHAPS: Final = frozenset({"reference", "ttft", "cached_input_cost", "cache_write_cost", "output_cost", "other_cost"})
"""Numbers that may be missing; all others are there."""


def _places(table: str, columns: Sequence[str]) -> "itemgetter[Any]":
    return itemgetter(*map(COLUMNS[table].index, columns))


_DECISION: Final = ("id", "at", "team", "key", "model", "task", "cost_center", "would_drop")
_END: Final = ("error", "client_closed", "target", "zone", "reference", "attempts")
_STARTED: Final = ("id", "number", "at", "target", "zone", "team", "hold")
_SETTLED: Final = (
    *("outcome", "ttft", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens"),
    *("reasoning_tokens", "estimated", "cached_input_cost", "cache_write_cost", "output_cost", "other_cost"),
    *("discount", "cost"),
)
_decision = _places("decisions", _DECISION)
_end = _places("finished", (*_END, "at"))
_started = _places("attempts", _STARTED)
_settled = _places("settlements", (*_SETTLED, "cost", "at"))
_REQUEST_KEYS: Final = (*_DECISION, *_END, "finished_at")
_ATTEMPT_KEYS: Final = (*_STARTED, *_SETTLED, "settled_cost", "settled_at")
_dimensions = itemgetter("team", "key", "model", "task", "cost_center")
_OWNER: Final = COLUMNS["attempts"].index("decision")
_ADJUSTED: Final = COLUMNS["adjustments"].index("attempt")
_SHAPES: Final = 1024


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
    found: list[Whole] = []
    for made in inserted.get("decisions", ()):
        name = made[0]
        if name not in ends or name in known:
            continue
        request, attempts = _request(made, ends[name]), _attempts(tried.get(name, ()), paid, adjusted)
        if request is not None and attempts is not None and request["attempts"] == len(attempts):
            found.append((request, attempts))
    return found


def _request(made: Values, end: Values) -> dict[str, Any] | None:
    """Return a request as it would be read back; None if it would come back as something else."""
    values = _decision(made) + _end(end)
    if not _requests.come_back(values):
        return None
    request = dict(zip(_REQUEST_KEYS, values, strict=True))
    request["is_finished"] = True
    # PostgreSQL stores another character in the place of a NUL.
    return None if "\x00" in "".join(_dimensions(request)) else request


def _attempts(tried: Sequence[Values], paid: Mapping[str, Values], adjusted: Collection[str]) -> list[Row] | None:
    """Return attempts in order as they would be read back; None if one would come back as something else."""
    attempts: list[Row] = []
    for row in tried:
        name = row[0]
        if name not in paid or name in adjusted:
            return None
        values = _started(row) + _settled(paid[name])
        if not _tries.come_back(values):
            return None
        attempt: dict[str, Any] = dict(zip(_ATTEMPT_KEYS, values, strict=True))
        attempt["is_settled"], attempt["trued_up"] = True, False
        attempts.append(attempt)
    if len(attempts) > 1:
        attempts.sort(key=_in_order)
    return attempts


_in_order = itemgetter("number", "id")


class _Shapes:
    """Which types of values a database gives back as they are; asked of every row, so it is kept."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._known: dict[tuple[type, ...], bool] = {}

    def come_back(self, values: Values) -> bool:
        """Return whether these values, in the order of the names, come back."""
        shape = tuple(map(type, values))
        known = self._known.get(shape)
        if known is None:
            known = all(_fits(name, kind) for name, kind in zip(self._names, shape, strict=True))
            if len(self._known) < _SHAPES:
                self._known[shape] = known
        return known


def _fits(name: str, kind: type) -> bool:
    if name in _TEXTS:
        return kind is str
    return kind in {int, bool} or (name in _PERHAPS and kind is type(None))


_requests: Final = _Shapes(_REQUEST_KEYS)
_tries: Final = _Shapes(_ATTEMPT_KEYS)
