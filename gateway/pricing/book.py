"""The price book: dated list prices of vendors' models, shipped with the package and never fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import orjson

from gateway.domain.price import Price, Tier
from gateway.domain.target import Kind
from gateway.pricing.tiers import PLAIN_RATES, SPECIAL_RATES, tier_of


@dataclass(frozen=True, slots=True)
class Listing:
    """A model as the price book knows it."""

    key: str
    price: Price | None
    """None: the book names the model but not what it costs."""
    context_window: int | None
    max_output_tokens: int | None
    tiers: tuple[Tier, ...] = ()
    """All tiers, the plain one too; empty if there is no price."""


@dataclass(frozen=True)
class PriceBook:
    """Prices of one date."""

    source: str
    date: str
    entries: dict[str, dict[str, Any]]

    @classmethod
    def load_bundled(cls) -> "PriceBook":
        """Load the snapshot that this release was built with."""
        data = orjson.loads(resources.files("gateway.pricing").joinpath("catalog.json").read_bytes())
        return cls(source=data["source"], date=data["date"], entries=data["prices"])

    def find(self, kind: Kind, model: str) -> Price | None:
        """Return the price of a target's model; None if it is not known. A price of zero is a price."""
        listing = self.listing(kind, model)
        return None if listing is None else listing.price

    def listing(self, kind: Kind, model: str) -> Listing | None:
        """Return what the book knows of a target's model, under the names that it may have there."""
        return next((self.listing_of(key) for key in _keys(kind, model) if key in self.entries), None)

    def listing_of(self, key: str) -> Listing | None:
        """Return the value of a key of the book."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        price = self._price(key, entry)
        return Listing(
            key=key,
            price=price,
            context_window=entry.get("context_window"),
            max_output_tokens=entry.get("max_output_tokens"),
            tiers=() if price is None else _tiers(price, entry),
        )

    def _price(self, key: str, entry: dict[str, Any]) -> Price | None:
        """Read rates; a cache rate that is not listed is that of plain input, one that is zero stays zero."""
        plain, output = entry.get("input"), entry.get("output")
        if plain is None or output is None:
            return None
        return Price(
            input=plain,
            output=output,
            cached_input=entry.get("cached_input", plain),
            cache_write=entry.get("cache_write", plain),
            source=f"catalog:{self.date}:{key}",
            **{name: entry.get(name) for name in (*SPECIAL_RATES, "web_search")},
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All keys, sorted."""
        return tuple(sorted(self.entries))


def _keys(kind: Kind, model: str) -> Iterator[str]:
    """Yield keys from the most to the least certain: litellm names models ``provider/model``, but not always."""
    yield model
    if kind in {"openai", "anthropic"}:
        yield f"{kind}/{model}"
    elif kind == "litellm" and "/" in model:
        yield model.partition("/")[2]


def _tiers(plain: Price, entry: dict[str, Any]) -> tuple[Tier, ...]:
    found = [Tier("", 0, plain)]
    for item in entry.get("tiers", ()):
        given = {name: item[name] for name in (*PLAIN_RATES, *SPECIAL_RATES) if name in item}
        found.append(tier_of(plain, item.get("service", ""), item.get("above", 0), given))
    return tuple(found)
