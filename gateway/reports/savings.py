"""What local targets saved, as a range: it is unknown how many tokens the vendor would have counted.

The reference is the team's closed target at its price, for the tokens that were counted. What a local target counted is
not what the vendor's tokenizer would have: taken as they are, local tokens at the closed price are the upper bound.
The lower bound takes a stated share of them, the token ratio.
"""

from dataclasses import dataclass
from typing import Final

from gateway.domain.costs import CostRow

TOKEN_RATIO: Final = 0.8
"""Closed tokens for one local token, at the least: assumed until it was measured on a company's own texts."""
_MILLE: Final = 1000


@dataclass(frozen=True, slots=True)
class Savings:
    """Reference minus spend, over the requests that have a reference; in nano-dollars, negative for a loss."""

    low: int
    high: int


def savings(row: CostRow, token_ratio: float = TOKEN_RATIO) -> Savings | None:
    """Return the range; None if no request has a reference."""
    if not row.referenced:
        return None
    high = row.reference - row.compared_cost
    # Rounded against us: what is claimed at the least is never more than the ratio says.
    unsure = -(-row.reference_local * (_MILLE - round(token_ratio * _MILLE)) // _MILLE)
    return Savings(high - unsure, high)


def method(token_ratio: float) -> str:
    """Return how the range is made, for people."""
    return (
        "Savings are a range. Upper bound: local tokens at the closed reference's price, as if its tokenizer counted "
        f"the same. Lower bound: only {token_ratio:g} of the local tokens would have been billed (--token-ratio; "
        "measure yours). Idle GPUs are not subtracted: their cost is reported separately."
    )
