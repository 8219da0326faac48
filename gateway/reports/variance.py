"""Why one period cost more than another: the difference taken apart so that the parts sum to it exactly.

*Volume*: all tokens grew or shrank alike, at the first period's mean cost a token. *Mix*: other targets, or more output
for the input, at the first period's rates; what a group had no rate for is taken at the second period's. *Cache*: other
shares of the input were read from or written to the cache, at the first period's rates. *Price*: the rates changed.
*Other*: what is billed by no token beyond its part in the volume: searches, corrections, calls of which only the sum
is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from gateway.domain.costs import CostRow
from gateway.domain.money import usd_text

EFFECTS: Final = ("volume", "mix", "cache", "price", "other")
METHOD: Final = (
    "volume: all tokens grew alike, at the first period's mean cost; mix: other groups or more output, and cache: "
    "other shares of the input out of the cache, both at the first period's rates; price: other rates; other: "
    "corrections, searches and calls of which only the sum is known. The parts sum to the difference exactly."
)
_INPUT: Final = ("plain", "cached", "written")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens and what they cost, in nano-dollars."""

    tokens: int
    cost: int


@dataclass(frozen=True, slots=True)
class Work:
    """What a group did in a period."""

    input: Mapping[str, Bucket]
    output: Bucket
    other: int

    @property
    def cost(self) -> int:
        """All of it, in nano-dollars."""
        return sum(bucket.cost for bucket in self.input.values()) + self.output.cost + self.other

    @property
    def tokens(self) -> int:
        """Input and output."""
        return sum(bucket.tokens for bucket in self.input.values()) + self.output.tokens


@dataclass(frozen=True, slots=True)
class Variance:
    """One group's difference, in nano-dollars."""

    name: str
    before: int
    after: int
    effects: Mapping[str, int]
    """By the names of :data:`EFFECTS`; they sum to the difference."""

    @property
    def difference(self) -> int:
        """After minus before."""
        return self.after - self.before


def work_of(row: CostRow) -> Work:
    """Return what a group's sums say; a bucket above its sum leaves nothing for plain input, never less."""
    cost = row.closed_cost + row.local_cost
    plain = max(0, row.input_tokens - row.cached_input_tokens - row.cache_write_tokens)
    parts = row.cached_input_cost + row.cache_write_cost + row.output_cost + row.other_cost
    return Work(
        {
            "plain": Bucket(plain, cost - parts),
            "cached": Bucket(row.cached_input_tokens, row.cached_input_cost),
            "written": Bucket(row.cache_write_tokens, row.cache_write_cost),
        },
        Bucket(row.output_tokens, row.output_cost),
        row.other_cost,
    )


def variance(before: Mapping[str, Work], after: Mapping[str, Work]) -> list[Variance]:
    """Return the difference of each group taken apart; the largest difference first."""
    tokens = sum(work.tokens for work in before.values())
    grown = Fraction(sum(work.tokens for work in after.values()), tokens) if tokens else None
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, _NOTHING), after.get(name, _NOTHING)
        effects = _effects(old, new, grown)
        found.append(Variance(name, old.cost, new.cost, _rounded(effects, new.cost - old.cost)))
    return sorted(found, key=lambda one: (-abs(one.difference), one.name))


def total(rows: Iterable[Variance]) -> Variance:
    """Return the exact sum of groups."""
    each = list(rows)
    effects = {name: sum(one.effects[name] for one in each) for name in EFFECTS}
    return Variance("total", sum(one.before for one in each), sum(one.after for one in each), effects)


def record(one: Variance) -> dict[str, Any]:
    """Return a difference as flat data; money as decimal strings."""
    effects = {f"{name}_usd": usd_text(amount) for name, amount in one.effects.items()}
    money = {"before_usd": usd_text(one.before), "after_usd": usd_text(one.after)}
    return {"name": one.name, **money, "difference_usd": usd_text(one.difference), **effects}


_NOTHING: Final = Work(dict.fromkeys(_INPUT, Bucket(0, 0)), Bucket(0, 0), 0)


def _effects(old: Work, new: Work, grown: Fraction | None) -> dict[str, Fraction]:
    """Return the exact effects; ``grown`` is by how much all tokens of all groups did, None from nothing."""
    if grown is None:
        return {**dict.fromkeys(EFFECTS, Fraction(0)), "volume": Fraction(new.cost - old.cost)}
    whole_in = _sum(old.input), _sum(new.input)
    sides = ((whole_in[0], whole_in[1]), (old.output, new.output))
    mix = sum(((now.tokens - was.tokens * grown) * _rate(was, now) for was, now in sides), Fraction(0))
    repriced = sum((now.cost - now.tokens * _rate(was, now) for was, now in sides), Fraction(0))
    cache = _cache(old, new, *whole_in)
    effects: dict[str, Fraction] = {
        "volume": (grown - 1) * old.cost,
        "mix": mix,
        "cache": cache,
        "price": repriced - cache,
    }
    effects["other"] = new.cost - old.cost - sum(effects.values(), Fraction(0))
    return effects


def _cache(old: Work, new: Work, was: Bucket, now: Bucket) -> Fraction:
    """Return what other shares of cached and written input make, at the old rates."""
    if not was.tokens or not now.tokens:
        return Fraction(0)
    moved = Fraction(0)
    for name in _INPUT:
        share = Fraction(new.input[name].tokens, now.tokens) - Fraction(old.input[name].tokens, was.tokens)
        moved += share * _rate(old.input[name], new.input[name])
    return moved * now.tokens


def _rate(was: Bucket, now: Bucket) -> Fraction:
    """Return nano-dollars a token before, else after: a new item has no price effect."""
    known = was if was.tokens else now
    return Fraction(known.cost, known.tokens) if known.tokens else Fraction(0)


def _sum(buckets: Mapping[str, Bucket]) -> Bucket:
    return Bucket(sum(one.tokens for one in buckets.values()), sum(one.cost for one in buckets.values()))


def _rounded(effects: Mapping[str, Fraction], difference: int) -> dict[str, int]:
    """Round so that the parts sum to the difference: the rest goes to the largest remainders."""
    whole = {name: amount.__floor__() for name, amount in effects.items()}
    left = difference - sum(whole.values())
    order = sorted(effects, key=lambda name: (whole[name] - effects[name], EFFECTS.index(name)))
    return {name: whole[name] + (name in order[:left]) for name in EFFECTS}
