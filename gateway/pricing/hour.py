"""The true cost of an hour of our own hardware: its bill, divided among its users and idle time.

The bill is the same whether the GPUs work or idle. *Marginal* is what a token costs of a full hour; *full* is what it
costs when those of this hour have to carry all of the bill. Work is counted in tokens weighted by the planned rates, so
that input from the prefix cache weighs as little here as in the price.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from gateway.domain.money import ceil_div
from gateway.domain.price import GpuHour, Price
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.pricing.cost import TOKENS_PER_RATE, cost

IDLE: Final = "(idle)"
OTHER: Final = "(other traffic)"
"""Tokens that the server counted and the ledger does not know: it is used beside the gateway."""


@dataclass(frozen=True, slots=True)
class HourTokens:
    """Tokens of an hour; ``input`` contains ``cached``."""

    input: int = 0
    cached: int = 0
    output: int = 0

    def plus(self, other: "HourTokens") -> "HourTokens":
        """Return the sum."""
        return HourTokens(self.input + other.input, self.cached + other.cached, self.output + other.output)

    def beyond(self, other: "HourTokens") -> "HourTokens":
        """Return what is here and not in the other."""
        more = max(0, self.input - other.input)
        return HourTokens(more, min(more, max(0, self.cached - other.cached)), max(0, self.output - other.output))


@dataclass(frozen=True, slots=True)
class Rates:
    """Nano-dollars a million tokens."""

    input: int
    cached: int
    output: int


@dataclass(frozen=True, slots=True)
class Against:
    """The hour beside a closed target."""

    target: str
    cost: int
    """What the same tokens would have cost there; its tokenizer may count others."""
    break_even: float | None
    """Utilisation at which both cost the same; above 1 it is never reached. None: no requests in this hour."""
    was_cheaper: bool


@dataclass(frozen=True, slots=True)
class HourPrice:
    """The true price of an hour."""

    bill: int
    shares: dict[str, int]
    """Team, :data:`OTHER` and :data:`IDLE` → nano-dollars; they sum to the bill."""
    utilization: float
    marginal: Rates
    full: Rates | None
    """None if nothing was made."""
    against: tuple[Against, ...]

    @property
    def idle(self) -> int:
        """The idle part of the bill."""
        return self.shares[IDLE]


def hour_price(
    hour: GpuHour,
    planned: Price,
    teams: Mapping[str, HourTokens],
    counted: HourTokens | None = None,
    closed: Mapping[str, Price] | None = None,
) -> HourPrice:
    """Return the true price of an hour.

    Args:
        hour: its bill and what the hardware could do in it.
        planned: the target's rates; only their ratio counts.
        teams: what the ledger knows.
        counted: what the servers counted themselves; None if they were not called.
        closed: rates of closed targets to compare with.
    """
    used = dict(teams)
    known = _sum(teams.values())
    other = (counted or known).beyond(known)
    if other != HourTokens():
        used[OTHER] = other
    weights = _weights(planned)
    works = {name: work(tokens, planned) for name, tokens in used.items()}
    done, most = sum(works.values()), hour.tokens * weights.output
    capacity = max(most, done)
    shares = allocate(hour.bill, {**works, IDLE: capacity - done})
    utilization = Fraction(done, capacity) if capacity else Fraction(0)
    everything = _sum(used.values())
    return HourPrice(
        bill=hour.bill,
        shares=shares,
        utilization=float(utilization),
        marginal=_rates(hour.bill, capacity, weights),
        full=_rates(hour.bill, done, weights) if done else None,
        against=tuple(
            _against(name, price, everything, hour.bill, utilization) for name, price in sorted((closed or {}).items())
        ),
    )


def comparable(target: Target, targets: Mapping[str, Target], at_ns: int) -> dict[str, Price]:
    """Return the rates of the closed targets that do the same kind of work: vectors are cheap, and no answers."""
    return {
        one.id: one.charge(at_ns, 0)
        for one in targets.values()
        if one.zone == "closed" and bool(one.space) == bool(target.space)
    }


def allocate(bill: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide an amount by weights, to the nano-dollar; the rest of rounding goes to the largest remainders.

    If all weigh nothing, all of it is :data:`IDLE`.
    """
    total = sum(weights.values())
    if total == 0:
        return dict.fromkeys(weights, 0) | {IDLE: bill}
    shares = {name: bill * weight // total for name, weight in weights.items()}
    left = bill - sum(shares.values())
    for name in sorted(weights, key=lambda name: (-(bill * weights[name] % total), name))[:left]:
        shares[name] += 1
    return shares


def work(tokens: HourTokens, planned: Price) -> int:
    """Return how much work tokens were: what they would cost at planned rates, without a unit."""
    weights = _weights(planned)
    plain = max(0, tokens.input - tokens.cached)
    return plain * weights.input + tokens.cached * weights.cached + tokens.output * weights.output


def _weights(planned: Price) -> Rates:
    if planned.input == planned.output == 0:
        return Rates(1, 0, 1)
    return Rates(planned.input, planned.cached_input, planned.output)


def _rates(bill: int, done: int, weights: Rates) -> Rates:
    if not done:
        return Rates(0, 0, 0)
    return Rates(
        *(ceil_div(bill * weight * TOKENS_PER_RATE, done) for weight in (weights.input, weights.cached, weights.output))
    )


def _against(name: str, price: Price, tokens: HourTokens, bill: int, utilization: Fraction) -> Against:
    there = cost(price, Usage(tokens.input, tokens.cached, 0, tokens.output))
    break_even = float(utilization * bill / there) if there else None
    return Against(name, there, break_even, there < bill)


def _sum(each: Iterable[HourTokens]) -> HourTokens:
    total = HourTokens()
    for tokens in each:
        total = total.plus(tokens)
    return total
