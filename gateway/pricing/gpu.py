"""The price of our own hardware: what an hour of it costs, and what a token costs when it makes so many of them.

Two prices come out of it. *Planned*: hardware and power at the planned utilisation, by which targets are ranked, so
that an idle server does not look expensive and drive its traffic away. *Loaded*: with the people who run it; it is
charged.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final

from gateway.domain.money import NANOS_PER_USD, ceil_div, from_usd
from gateway.domain.price import Price

SECONDS_PER_HOUR: Final = 3600
HOURS_PER_YEAR: Final = 8760
TOKENS_PER_RATE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Hardware:
    """The GPUs behind a target, all of them together. Dollars, exact."""

    tokens_per_second: Decimal
    """Input and output tokens together, at full load."""
    lease_usd_per_hour: Decimal = Decimal(0)
    purchase_usd: Decimal = Decimal(0)
    depreciation_years: Decimal = Decimal(1)
    power_usd_per_hour: Decimal = Decimal(0)
    staff_usd_per_hour: Decimal = Decimal(0)
    utilization: Decimal = Decimal(1)
    """Share of the full load that is planned for, over 0 and at most 1."""
    cached_input_ratio: Decimal = Decimal(0)
    """Part of an input token's price that one found in the prefix cache costs: it was not prefilled again."""

    def planned(self) -> Price:
        """Return the rates to rank by."""
        return self._price(self._machines(), "gpu")

    def loaded(self) -> Price:
        """Return the rates that are charged."""
        return self._price(
            self._machines() + self.staff_usd_per_hour, "gpu:loaded" if self.staff_usd_per_hour else "gpu"
        )

    def bill(self) -> int:
        """Return what an hour costs whatever is done in it, in nano-dollars, rounded up."""
        return from_usd(self._machines() + self.staff_usd_per_hour)

    def tokens(self) -> int:
        """Return the tokens of an hour at full load."""
        return int((self.tokens_per_second * SECONDS_PER_HOUR).to_integral_value(rounding=ROUND_FLOOR))

    def _machines(self) -> Decimal:
        bought = self.purchase_usd / (self.depreciation_years * HOURS_PER_YEAR)
        return self.lease_usd_per_hour + bought + self.power_usd_per_hour

    def _price(self, hourly: Decimal, source: str) -> Price:
        made = self.tokens_per_second * SECONDS_PER_HOUR * self.utilization
        top, bottom = _integers(hourly * NANOS_PER_USD * TOKENS_PER_RATE, made)
        rate = ceil_div(top, bottom)
        cached_top, cached_bottom = _integers(Decimal(rate) * self.cached_input_ratio, Decimal(1))
        return Price(rate, rate, ceil_div(cached_top, cached_bottom), rate, source)


def _integers(numerator: Decimal, denominator: Decimal) -> tuple[int, int]:
    """Return the same quotient as two integers."""
    top, bottom = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    return top[0] * bottom[1], top[1] * bottom[0]
