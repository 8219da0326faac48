"""One line of a cost report: what its sums say, shares and ranges made of them."""

from dataclasses import dataclass
from typing import Final

from gateway.domain.costs import CostRow, percentile
from gateway.reports.savings import TOKEN_RATIO, Savings, savings

_NS_PER_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report."""

    row: CostRow
    idle: int | None = None
    """Cost of idle hardware, in nano-dollars; None where it is unknown or cannot be assigned."""
    token_ratio: float = TOKEN_RATIO

    @property
    def name(self) -> str:
        """Name of the group."""
        return self.row.name

    @property
    def spend(self) -> int:
        """Closed and local together, in nano-dollars."""
        return self.row.closed_cost + self.row.local_cost

    @property
    def savings(self) -> int | None:
        """Reference minus spend, over the requests that have a reference: the most; None if none has."""
        return self.row.reference - self.row.compared_cost if self.row.referenced else None

    @property
    def savings_range(self) -> Savings | None:
        """Savings at the least and at the most; None if no request has a reference."""
        return savings(self.row, self.token_ratio)

    @property
    def cached_share(self) -> float | None:
        """Share of the input that came out of a cache."""
        return _share(self.row.cached_input_tokens, self.row.input_tokens)

    @property
    def trued_up_share(self) -> float | None:
        """Share of the local attempts that carry the true price of their hour."""
        return _share(self.row.trued_up, self.row.local_attempts)

    @property
    def savings_share(self) -> float | None:
        """Savings as a share of the reference."""
        return None if self.savings is None else _share(self.savings, self.row.reference)

    @property
    def parts(self) -> dict[str, int]:
        """What the spend is made of, in nano-dollars; the parts sum to it."""
        row = self.row
        known = {
            "cached_input": row.cached_input_cost,
            "cache_write": row.cache_write_cost,
            "output": row.output_cost,
            "other": row.other_cost,
        }
        return {"plain_input": self.spend - sum(known.values()), **known}

    @property
    def tokens(self) -> int:
        """Input and output."""
        return self.row.input_tokens + self.row.output_tokens

    @property
    def local_requests_share(self) -> float | None:
        """Share of the served requests that local targets served."""
        return _share(self.row.served_local, self.row.served)

    @property
    def local_tokens_share(self) -> float | None:
        """Share of the tokens that local targets worked through."""
        return _share(self.row.local_tokens, self.tokens)

    @property
    def per_thousand(self) -> int | None:
        """Nano-dollars for a thousand requests, rounded down; for people, never summed."""
        return self.spend * 1000 // self.row.requests if self.row.requests else None

    @property
    def estimated_share(self) -> float | None:
        """Share of the attempts whose usage no upstream reported."""
        return _share(self.row.estimated, self.row.attempts)

    def latency_ms(self, share: float) -> float | None:
        """Return a percentile of the time to the end, within 1 %."""
        return _ms(percentile(self.row.latency, share))

    def ttft_ms(self, share: float) -> float | None:
        """Return a percentile of the time to the first content byte, within 1 %."""
        return _ms(percentile(self.row.ttft, share))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ms(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / _NS_PER_MS, 1)
