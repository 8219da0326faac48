"""How a price list becomes tariffs: tiers filled up from the plain one, contract discounts, dates."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from gateway.domain.money import ceil_div
from gateway.domain.price import Price, ServiceTier, Tier

PLAIN_RATES: Final = ("input", "output", "cached_input", "cache_write")
SPECIAL_RATES: Final = ("cache_write_1h", "audio_input", "image_input", "audio_output", "reasoning")
"""Rates per million tokens that a price need not have."""
_OF_OUTPUT: Final = frozenset({"audio_output", "reasoning"})


def tier_of(plain: Price, service: ServiceTier, above: int, given: Mapping[str, int]) -> Tier:
    """Return a tier; what it does not give moves as its input rate does, parts of the output as its output rate.

    Vendors list a discount once and mean all of it: half the input is half the cached input too.
    """
    moved = {"input": (given["input"], plain.input), "output": (given.get("output", 0), plain.output)}
    rates: dict[str, Any] = {}
    for name in (*PLAIN_RATES, *SPECIAL_RATES):
        rate = getattr(plain, name)
        over, under = moved["output" if name in _OF_OUTPUT and "output" in given else "input"]
        rates[name] = rate if rate is None or not under else ceil_div(rate * over, under)
    price = replace(plain, **(rates | dict(given)), source=f"{plain.source}#{_name(service, above)}")
    return Tier(service, above, price)


def discounted(tier: Tier, share: Decimal, mark: str) -> Tier:
    """Return a tier with a share taken off every rate, exact to the nano-dollar a million tokens, rounded up.

    ``mark`` goes into the source, so that each charge names its discount.
    """
    top, bottom = (1 - share).as_integer_ratio()
    price = tier.price
    plain = {name: ceil_div(getattr(price, name) * top, bottom) for name in PLAIN_RATES}
    special = {name: rate for name in (*SPECIAL_RATES, "web_search") if (rate := getattr(price, name)) is not None}
    special = {name: ceil_div(rate * top, bottom) for name, rate in special.items()}
    return replace(tier, price=replace(price, **plain, **special, source=f"{price.source}{mark}"), listed=price)


def resourced(tier: Tier, source: str) -> Tier:
    """Return a tier that says where its rates are written."""
    _, mark, name = tier.price.source.partition("#")
    return replace(tier, price=replace(tier.price, source=source + mark + name))


def _name(service: ServiceTier, above: int) -> str:
    size = f"above_{above // 1000}k" if above and above % 1000 == 0 else f"above_{above}"
    return ",".join(part for part in (service, size if above else "") if part)
