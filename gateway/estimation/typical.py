"""What calls usually use: an agent that requests 32,000 tokens and uses 400 must not exhaust its team on paper."""

from math import log2
from typing import Final

from gateway.domain.budget import Unit
from gateway.domain.facts import Facts
from gateway.domain.money import ceil_div
from gateway.domain.target import Target
from gateway.estimation.cost import DAY_NS, estimates, fetches, input_bound, output_bound
from gateway.pricing.cost import TOKENS_PER_RATE

ENOUGH: Final = 20
"""So many calls are needed before their own percentile counts."""
UNKNOWN_OUTPUT: Final = 2048
"""Output tokens held of a call whose kind is not known well enough yet."""
IMAGE_TOKENS: Final = 5000
"""What a picture is usually read as at the most; the few models that read it as more are in the true bound."""
PERCENTILE: Final = 0.99
KEPT: Final = 1000
"""So many calls are remembered in full weight; then all weights are halved."""
MOST: Final = 10_000
"""Size of the cache of kinds of calls (LRU)."""
_PER_OCTAVE: Final = 8

Kind = tuple[str, str, str]
"""Team, task, target."""


class _Histogram:
    __slots__ = ("buckets", "known", "total")

    def __init__(self) -> None:
        self.buckets: dict[int, float] = {}
        self.total = 0.0
        self.known: int | None = None

    def add(self, tokens: int) -> None:
        bucket = int(log2(tokens + 1) * _PER_OCTAVE)
        self.buckets[bucket] = self.buckets.get(bucket, 0.0) + 1
        self.total += 1
        self.known = None
        if self.total >= KEPT:
            self.buckets = {key: weight / 2 for key, weight in self.buckets.items() if weight >= 1 / KEPT}
            self.total = sum(self.buckets.values())

    def percentile(self) -> int:
        """Return the upper edge of the bucket in which the percentile lies."""
        if self.known is None:
            above, self.known = self.total * (1 - PERCENTILE), 0
            for bucket in sorted(self.buckets, reverse=True):
                above -= self.buckets[bucket]
                if above < 0:
                    self.known = int(2 ** ((bucket + 1) / _PER_OCTAVE))
                    break
        return self.known


class Typical:
    """Output tokens of recent calls by team, task and target, one histogram a kind, older calls counting less."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, _Histogram] = {}

    def record(self, team: str, task: str, target: str, tokens: int) -> None:
        """Note a call that ended well and the output tokens that it took, all choices together."""
        kind = (team, task, target)
        found = self._kinds.pop(kind, None) or _Histogram()
        self._kinds[kind] = found  # the newest are last
        found.add(tokens)
        if len(self._kinds) > MOST:
            del self._kinds[next(iter(self._kinds))]

    def output(self, team: str, task: str, target: str) -> int:
        """Return the 99th percentile of such calls' output tokens; a stated default until there are enough."""
        found = self._kinds.get((team, task, target))
        if found is None or found.total < ENOUGH:
            return UNKNOWN_OUTPUT
        return found.percentile() if found.known is None else found.known


def usual(target: Target, facts: Facts, unit: Unit, bound: int) -> int:
    """Return what a call usually takes at a target at most, in nano-dollars or tokens; never above its true bound."""
    output = None
    for name, tokens in facts.typical:
        if name == target.id:
            output = tokens
    if output is None or (facts.needs and ("audio" in facts.needs or ("vision" in facts.needs and not facts.images))):
        return bound
    taken = facts.input_tokens + facts.images * IMAGE_TOKENS
    if unit == "tokens":
        return min(bound, taken + output)
    rated = 0
    for price in target.hold(facts.day * DAY_NS, taken, facts.service_tier):
        found = taken * (price.dearest_media if facts.images else price.dearest_input) + output * price.dearest_output
        if price.web_search:
            found += fetches(target, facts) * price.web_search * TOKENS_PER_RATE
        rated = max(rated, found)
    return min(bound, ceil_div(rated, TOKENS_PER_RATE))


def input_held(target: Target, facts: Facts, held: int) -> int:
    """Return the input tokens that a hold of so many nano-dollars was made for: all possible ones, or the usual."""
    most = input_bound(target, facts)
    if held >= true_bound(target, facts, "usd"):
        return most
    return min(most, facts.input_tokens + facts.images * IMAGE_TOKENS)


def true_bound(target: Target, facts: Facts, unit: Unit) -> int:
    """Return what a call can take at a target at most, in nano-dollars or tokens."""
    if unit == "usd":
        return int(estimates(target, facts)[1])
    return input_bound(target, facts) + output_bound(target, facts.max_tokens) * facts.choices
