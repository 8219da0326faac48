"""Money exists once: integer nano-dollars, rounded up in one function, so that sums never drift."""

from decimal import ROUND_CEILING, Decimal
from typing import Final, NewType

from msgspec import Struct

Nanos = NewType("Nanos", int)
"""An amount in nano-dollars (10⁻⁹ USD)."""

NANOS_PER_USD: Final = 1_000_000_000
ZERO: Final = Nanos(0)


class CostParts(Struct, frozen=True, forbid_unknown_fields=True):
    """What a cost is made of beside plain input, in nano-dollars; plain input is what is left of the cost."""

    cached_input: int = 0
    cache_write: int = 0
    output: int = 0
    """Reasoning and audio too."""
    other: int = 0
    """Billed by no token: searches."""


def from_usd(usd: Decimal | float | str) -> Nanos:
    """Return nano-dollars for an amount in dollars, rounded up.

    A float is read by its shortest decimal form: 0.1 is a tenth, not the binary number next to it.
    """
    exact = usd if isinstance(usd, Decimal) else Decimal(str(usd))
    return Nanos(int((exact * NANOS_PER_USD).to_integral_value(rounding=ROUND_CEILING)))


def to_usd(nanos: int) -> Decimal:
    """Return dollars as an exact decimal."""
    return Decimal(nanos) / NANOS_PER_USD


def usd_text(nanos: int) -> str:
    """Return dollars as a plain decimal string without exponent, e.g. ``0.000012345``."""
    whole, rest = divmod(abs(nanos), NANOS_PER_USD)  # a report writes hundreds of thousands: no Decimal here
    sign = "-" if nanos < 0 else ""
    return f"{sign}{whole}.{rest:09d}".rstrip("0") if rest else f"{sign}{whole}.0"


def ceil_div(numerator: int, denominator: int) -> int:
    """Divide integers and round towards plus infinity: the one rounding of money."""
    return -(-numerator // denominator)
