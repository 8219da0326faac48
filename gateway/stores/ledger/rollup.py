"""What a request adds to the sums that reports are made of: pure, so that what is kept for years can be checked.

A request is counted on the day it arrived, its charges where they arose. Sums are kept by all that a report groups by;
times only by one group at a time, for their spreads are wide and nobody groups them by two.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from gateway.domain.costs import CostRow, Grouping, bucket_of
from gateway.pricing.measured import HOUR_NS

DAY_NS: Final = 24 * HOUR_NS
DIMENSIONS: Final = ("team", "key", "model", "task", "target", "cost_center")
REQUEST_MEASURES: Final = (
    *("requests", "running", "errors", "client_closed", "served", "served_local", "reference", "referenced"),
    *("would_drop", "reference_local"),
)
CHARGE_MEASURES: Final = (
    *("attempts", "estimated", "input_tokens", "cached_input_tokens", "output_tokens", "local_tokens"),
    *("closed_cost", "local_cost", "compared_cost"),
    *("cache_write_tokens", "reasoning_tokens"),
    *("cached_input_cost", "cache_write_cost", "output_cost", "other_cost", "local_attempts", "trued_up"),
    "discount",
)
MEASURES: Final = (*REQUEST_MEASURES, *CHARGE_MEASURES)
WORKED: Final = ("input_tokens", "cached_input_tokens", "output_tokens")
"""What is kept of local attempts by the hour in which they were settled."""
SPREADS: Final = ("latency", "ttft")
TIMED: Final[tuple[Grouping, ...]] = ("team", "key", "model", "task", "target", "day")
"""Groupings that times are kept by."""
_values = itemgetter(*MEASURES)
_SERVED: Final = frozenset({"ok", "client_closed"})

Row = Mapping[str, Any]
Group = tuple[int, str, str, str, str, str, str]
"""Day since 1970 (UTC) and the dimensions, in their order."""
SpreadKey = tuple[int, Grouping, str, str, int]
"""Day, grouping, name in it, ``latency`` or ``ttft``, bucket."""
HourKey = tuple[int, str, str]
"""Hour since 1970 (UTC), target, team."""


@dataclass(slots=True)
class Sums:
    """Sums of many requests; subtracting is adding with ``sign`` -1."""

    measures: dict[Group, Counter[str]] = field(default_factory=dict)
    spreads: Counter[SpreadKey] = field(default_factory=Counter)
    hours: dict[HourKey, Counter[str]] = field(default_factory=dict)
    times: Sequence[Grouping] = TIMED
    """The groupings to keep times of: one report shows those of one, or none."""

    def add(self, request: Row, attempts: Sequence[Row], sign: int = 1) -> None:
        """Add one request as the ledger has it: its decision with its end, and its attempts with their settlements."""
        day = request["at"] // DAY_NS
        served = _target_of(request, attempts)
        self._count(day, request, served, _request_measures(request), sign)
        for attempt in attempts:
            self._count(day, request, attempt["target"], _charge_measures(request, attempt), sign)
            if attempt["is_settled"] and attempt["zone"] == "local":
                worked = self.hours.setdefault(
                    (attempt["settled_at"] // HOUR_NS, attempt["target"], attempt["team"]), Counter()
                )
                for name in WORKED:
                    worked[name] = worked.get(name, 0) + sign * attempt[name]
        if request["is_finished"]:
            self._spread(day, request, served, "latency", request["finished_at"] - request["at"], sign)
        for attempt in attempts:
            if attempt["outcome"] in _SERVED and attempt["ttft"] is not None:
                waited = attempt["at"] - request["at"] + attempt["ttft"]
                self._spread(day, request, attempt["target"], "ttft", waited, sign)

    def _count(self, day: int, request: Row, target: str, values: Mapping[str, int], sign: int) -> None:
        group = (
            day, request["team"], request["key"], request["model"], request["task"], target, request["cost_center"]
        )  # fmt: skip
        sums = self.measures.get(group)
        if sums is None:
            sums = self.measures[group] = Counter()
        for name, value in values.items():
            if value:
                sums[name] = sums.get(name, 0) + sign * value

    def _spread(self, day: int, request: Row, target: str, what: str, value: int, sign: int) -> None:
        if not self.times:
            return
        bucket, spreads = bucket_of(value), self.spreads
        for grouping in self.times:
            name = target if grouping == "target" else "" if grouping == "day" else request[grouping]
            key = (day, grouping, name, what, bucket)
            spreads[key] = spreads.get(key, 0) + sign


def is_complete(request: Row, attempts: Sequence[Row]) -> bool:
    """Return whether nothing is missing of a request: its end is there, and a settlement for each attempt it counts."""
    settled = all(attempt["is_settled"] for attempt in attempts)
    return bool(request["is_finished"]) and settled and request["attempts"] == len(attempts)


def cost_rows(sums: Sums, by: Grouping, only: Mapping[str, str] | None = None) -> dict[str, CostRow]:
    """Return what a report shows of sums, by the group's name; days by their number.

    ``only``: dimension → the one name in it that counts; times are then to be left out of the sums.
    """
    measures = {names[0]: values for names, values in grouped(sums, (by,), only).items()}
    spreads: dict[str, dict[str, Counter[int]]] = {}
    for (day, grouping, name, what, bucket), count in sums.spreads.items():
        if grouping == by and count:
            own = str(day) if by == "day" else name
            spreads.setdefault(own, {}).setdefault(what, Counter())[bucket] += count
    return {name: cost_row(name, values, spreads.get(name, {})) for name, values in measures.items()}


def grouped(
    sums: Sums, by: Sequence[Grouping], only: Mapping[str, str] | None = None
) -> dict[tuple[str, ...], Counter[str]]:
    """Return the measures by several dimensions at once; days by their number."""
    found: dict[tuple[str, ...], Counter[str]] = {}
    places = [("day", *DIMENSIONS).index(each) for each in by]
    wanted = [(DIMENSIONS.index(name) + 1, value) for name, value in (only or {}).items()]
    for group, values in sums.measures.items():
        if all(group[place] == value for place, value in wanted):
            found.setdefault(tuple([str(group[place]) for place in places]), Counter()).update(values)
    return found


def cost_row(name: str, measures: Mapping[str, int], spreads: Mapping[str, Mapping[int, int]]) -> CostRow:
    """Return one row of a report."""
    values: dict[str, Any] = dict(zip(MEASURES, _values(measures), strict=True))
    values |= {each: dict(spreads[each]) for each in SPREADS if each in spreads}
    return CostRow(name=name, **values)


def of_rows(requests: Iterable[Row], attempts: Mapping[str, Sequence[Row]], sign: int = 1) -> Sums:
    """Return the sums of requests; ``attempts`` by the request's id."""
    sums = Sums()
    for request in requests:
        sums.add(request, attempts.get(request["id"], ()), sign)
    return sums


def _target_of(request: Row, attempts: Sequence[Row]) -> str:
    """Return the target that served a request, else the one that failed it last."""
    return str(request["target"] or (attempts[-1]["target"] if attempts else ""))


def _request_measures(request: Row) -> dict[str, int]:
    ended = bool(request["is_finished"])
    closed = bool(request["client_closed"])
    referenced = request["reference"] is not None
    return {
        "requests": 1,
        "running": int(not ended),
        "errors": int(bool(request["error"]) and not closed),
        "client_closed": int(closed),
        "served": int(bool(request["target"])),
        "served_local": int(request["zone"] == "local"),
        "reference": request["reference"] if referenced else 0,
        "referenced": int(referenced),
        "would_drop": int(request["would_drop"] > 0),
        "reference_local": request["reference"] if referenced and request["zone"] == "local" else 0,
    }


def _charge_measures(request: Row, attempt: Row) -> dict[str, int]:
    settled, local = bool(attempt["is_settled"]), attempt["zone"] == "local"
    tokens_in, tokens_out = attempt["input_tokens"] or 0, attempt["output_tokens"] or 0
    cost = attempt["cost"] if settled else attempt["hold"]
    return {
        "attempts": 1,
        "estimated": int(not settled or bool(attempt["estimated"])),
        "input_tokens": tokens_in,
        "cached_input_tokens": attempt["cached_input_tokens"] or 0,
        "output_tokens": tokens_out,
        "local_tokens": tokens_in + tokens_out if local else 0,
        "closed_cost": 0 if local else cost,
        "local_cost": cost if local else 0,
        "compared_cost": cost if request["reference"] is not None else 0,
        "cache_write_tokens": attempt["cache_write_tokens"] or 0,
        "reasoning_tokens": attempt["reasoning_tokens"] or 0,
        "local_attempts": int(local),
        "trued_up": int(local and bool(attempt["trued_up"])),
        "discount": attempt["discount"] if settled else 0,
        **_parts(attempt, cost),
    }


def _parts(attempt: Row, cost: int) -> dict[str, int]:
    """Return what a cost is made of; corrections and costs without a breakdown are in no bucket."""
    names = ("cached_input_cost", "cache_write_cost", "output_cost", "other_cost")
    if not attempt["is_settled"] or attempt["other_cost"] is None:
        return {**dict.fromkeys(names, 0), "other_cost": cost}
    known = {name: attempt[name] for name in names}
    return {**known, "other_cost": known["other_cost"] + cost - attempt["settled_cost"]}
