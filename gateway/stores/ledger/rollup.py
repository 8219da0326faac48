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
_TOKENS: Final = (*("input_tokens", "cached_input_tokens", "output_tokens", "cache_write_tokens", "reasoning_tokens"),)
_PARTS: Final = ("cached_input_cost", "cache_write_cost", "output_cost")

Row = Mapping[str, Any]
Group = tuple[int, str, str, str, str, str, str]
"""Day since 1970 (UTC) and the dimensions, in their order."""
SpreadKey = tuple[int, Grouping, str, str]
"""Day, grouping, name in it, ``latency`` or ``ttft``."""
HourKey = tuple[int, str, str]
"""Hour since 1970 (UTC), target, team."""


@dataclass(slots=True)
class Sums:
    """Sums of many requests; subtracting is adding with ``sign`` -1."""

    measures: dict[Group, Counter[str]] = field(default_factory=dict)
    spreads: dict[SpreadKey, dict[int, int]] = field(default_factory=dict)
    """How many in each bucket."""
    hours: dict[HourKey, Counter[str]] = field(default_factory=dict)
    times: Sequence[Grouping] = TIMED
    """The groupings to keep times of: one report shows those of one, or none."""
    _places: dict[tuple[Any, ...], Sequence[dict[int, int]]] = field(default_factory=dict)

    def add(self, request: Row, attempts: Sequence[Row], sign: int = 1) -> None:
        """Add one request as the ledger has it: its decision with its end, and its attempts with their settlements."""
        day = request["at"] // DAY_NS
        served = _target_of(request, attempts)
        _add_request(self._of(day, request, served), request, sign)
        for attempt in attempts:
            _add_charge(self._of(day, request, attempt["target"]), request, attempt, sign)
            if attempt["is_settled"] and attempt["zone"] == "local":
                hour = (attempt["settled_at"] // HOUR_NS, attempt["target"], attempt["team"])
                worked = self.hours.get(hour)
                if worked is None:
                    worked = self.hours[hour] = Counter()
                for name in WORKED:
                    worked[name] += sign * attempt[name]
        if request["is_finished"]:
            self._spread(day, request, served, "latency", request["finished_at"] - request["at"], sign)
        for attempt in attempts:
            if attempt["outcome"] in _SERVED and attempt["ttft"] is not None:
                waited = attempt["at"] - request["at"] + attempt["ttft"]
                self._spread(day, request, attempt["target"], "ttft", waited, sign)

    def _of(self, day: int, request: Row, target: str) -> Counter[str]:
        group = (
            day, request["team"], request["key"], request["model"], request["task"], target, request["cost_center"]
        )  # fmt: skip
        sums = self.measures.get(group)
        if sums is None:
            sums = self.measures[group] = Counter()
        return sums

    def _spread(self, day: int, request: Row, target: str, what: str, value: int, sign: int) -> None:
        if not self.times:
            return
        bucket = bucket_of(value)
        for counts in self._counts(day, request, target, what):
            counts[bucket] = counts.get(bucket, 0) + sign

    def _counts(self, day: int, request: Row, target: str, what: str) -> Sequence[dict[int, int]]:
        """Return the buckets of all groupings for such a request; they are kept together, for there are many such."""
        place = (day, what, request["team"], request["key"], request["model"], request["task"], target)
        found = self._places.get(place)
        if found is None:
            names = {"target": target, "day": ""}
            keys = [
                (day, grouping, request[grouping] if (name := names.get(grouping)) is None else name, what)
                for grouping in self.times
            ]
            found = self._places[place] = [self.spreads.setdefault(key, {}) for key in keys]
        return found


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
    for (day, grouping, name, what), counts in sums.spreads.items():
        for bucket, count in counts.items() if grouping == by else ():
            if count:
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


def _add_request(sums: Counter[str], request: Row, sign: int) -> None:
    """Add what a request counts itself to its group. Most is 0 and not touched."""
    sums["requests"] += sign
    if not request["is_finished"]:
        sums["running"] += sign
    if request["client_closed"]:
        sums["client_closed"] += sign
    elif request["error"]:
        sums["errors"] += sign
    if request["target"]:
        sums["served"] += sign
    local = request["zone"] == "local"
    if local:
        sums["served_local"] += sign
    if request["reference"] is not None:
        reference = sign * request["reference"]
        sums["reference"] += reference
        sums["referenced"] += sign
        if local:
            sums["reference_local"] += reference
    if request["would_drop"] > 0:
        sums["would_drop"] += sign


def _add_charge(sums: Counter[str], request: Row, attempt: Row, sign: int) -> None:
    """Add what an attempt used and costs to its group; one that is not settled costs its hold."""
    settled, local = bool(attempt["is_settled"]), attempt["zone"] == "local"
    cost = attempt["cost"] if settled else attempt["hold"]
    sums["attempts"] += sign
    if not settled or attempt["estimated"]:
        sums["estimated"] += sign
    for name in _TOKENS:
        if tokens := attempt[name]:
            sums[name] += sign * tokens
    if local:
        sums["local_attempts"] += sign
        sums["local_tokens"] += sign * ((attempt["input_tokens"] or 0) + (attempt["output_tokens"] or 0))
        if attempt["trued_up"]:
            sums["trued_up"] += sign
    sums["local_cost" if local else "closed_cost"] += sign * cost
    if request["reference"] is not None:
        sums["compared_cost"] += sign * cost
    if settled and (discount := attempt["discount"]):
        sums["discount"] += sign * discount
    _add_parts(sums, attempt, cost, sign)


def _add_parts(sums: Counter[str], attempt: Row, cost: int, sign: int) -> None:
    """Add what a cost is made of; corrections and costs without a breakdown are in no bucket."""
    other = cost
    if attempt["is_settled"] and attempt["other_cost"] is not None:
        for name in _PARTS:
            if part := attempt[name]:
                sums[name] += sign * part
        other = attempt["other_cost"] + cost - attempt["settled_cost"]
    sums["other_cost"] += sign * other
