"""What a cost report is made of: sums that can be added up from several places without losing a nano-dollar."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final, Literal, get_args

Grouping = Literal["team", "target", "model", "task", "key", "day", "cost_center"]
GROUPINGS: Final[tuple[Grouping, ...]] = get_args(Grouping)

_STEP: Final = math.log(1.02)


def bucket_of(value: float) -> int:
    """Return the bucket of a positive value; buckets grow by 2 %, so a percentile is at most 1 % off."""
    return math.floor(math.log(value) / _STEP) if value >= 1 else 0


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the value below which a share (0 to 1) of what was counted lies; None if nothing was."""
    rank = math.ceil(share * sum(buckets.values()))
    for bucket in sorted(buckets):
        rank -= buckets[bucket]
        if rank <= 0:
            return math.exp((bucket + 0.5) * _STEP)
    return None


@dataclass(frozen=True, slots=True)
class CostRow:
    """The sums of one group. Requests are counted where they were served, charges where they arose."""

    name: str
    requests: int = 0
    running: int = 0
    """Requests without an end yet."""
    errors: int = 0
    """Requests that ended with an error; those whose client hung up are counted apart."""
    client_closed: int = 0
    served: int = 0
    served_local: int = 0
    reference: int = 0
    """What the requests that have a reference would have cost there, in nano-dollars."""
    referenced: int = 0
    """How many requests have a reference."""
    would_drop: int = 0
    """Requests of observed teams for which clearance would have dropped a target."""
    attempts: int = 0
    estimated: int = 0
    """Attempts whose usage the gateway counted itself, or that are charged at their hold."""
    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    local_tokens: int = 0
    """Input and output tokens of attempts on local targets."""
    closed_cost: int = 0
    """Paid to vendors, in nano-dollars."""
    local_cost: int = 0
    """Own hardware at its planned rate, in nano-dollars."""
    compared_cost: int = 0
    """The part of both that belongs to requests with a reference."""
    reference_local: int = 0
    """The part of the reference that belongs to requests that local targets served."""
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cached_input_cost: int = 0
    """With the next three a part of both costs; the rest is plain input."""
    cache_write_cost: int = 0
    output_cost: int = 0
    other_cost: int = 0
    """Billed by no token: searches, corrections, and calls of which only the sum is known."""
    local_attempts: int = 0
    trued_up: int = 0
    """Local attempts that were adjusted to what their hour of hardware truly cost."""
    discount: int = 0
    """What contracts took off list prices; with both costs it is the list cost."""
    latency: Mapping[int, int] = field(default_factory=dict)
    """Requests by bucket of their duration in nanoseconds."""
    ttft: Mapping[int, int] = field(default_factory=dict)
    """Served requests by bucket of the time to their first content byte, in nanoseconds."""

    def plus(self, other: "CostRow") -> "CostRow":
        """Add another row, keeping this one's name."""
        sums = {}
        for item in fields(self):
            ours, theirs = getattr(self, item.name), getattr(other, item.name)
            if isinstance(ours, int):
                sums[item.name] = ours + theirs
            elif isinstance(ours, Mapping):
                sums[item.name] = dict(Counter(ours) + Counter(theirs))
        return CostRow(name=self.name, **sums)


def total(rows: Iterable[CostRow], name: str = "total") -> CostRow:
    """Return the exact sum of rows."""
    result = CostRow(name)
    for row in rows:
        result = result.plus(row)
    return result
