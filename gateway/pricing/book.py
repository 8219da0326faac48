"""The price book: dated list prices of vendors' models, shipped with the package and never fetched."""

from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from typing import Any

import orjson

from gateway.domain.target import Kind, Price


@dataclass(frozen=True)
class Listing:
    """A model as the price book knows it."""

    key: str
    price: Price | None
    """None: the book names the model but not its price."""
    context_window: int | None
    max_output_tokens: int | None
    long_context_from: int | None
    """Input tokens above which the vendor charges more than ``price``; None: never."""


@dataclass(frozen=True)
class PriceBook:
    """Prices of one date."""

    source: str
    date: str
    entries: dict[str, dict[str, Any]]

    @classmethod
    def load_bundled(cls) -> "PriceBook":
        """Load the snapshot that this release was built with."""
        raw = resources.files("gateway.pricing").joinpath("catalog.json").read_bytes()
        data = orjson.loads(raw)
        return cls(source=data["source"], date=data["date"], entries=data["prices"])

    def find(self, kind: Kind, model: str) -> Price | None:
        """Return the price of a vendor's model; None if it is not known. A price of zero is a price."""
        listing = self.listing(kind, model)
        return None if listing is None else listing.price

    def listing(self, kind: Kind, model: str) -> Listing | None:
        """Return what the book knows of a vendor's model."""
        raise NotImplementedError

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All keys, sorted."""
        return tuple(sorted(self.entries))
