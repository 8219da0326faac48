"""Our ledger compared with a vendor's invoice: what differs, on which day and model, and why.

Each difference is taken apart so that its parts add up to it exactly: usage that we had to estimate, calls that only
one side knows, tokens that were counted differently (at our own mean price), and the price, which is the rest.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from gateway.domain.money import usd_text
from gateway.reports.invoice import NOT_GIVEN, InvoiceLine, plain_model

METHOD: Final = (
    "Charges of closed targets by the day (UTC) on which the attempt began and by model without its date, adjustments "
    "included, against the vendor's lines. difference = vendor - ledger = only_vendor + only_ledger + estimated + "
    "tokens + price, exactly: a day and model of one side only is only_*. Otherwise estimated is the charge of calls "
    "without usage from the vendor (at most the difference), tokens is the difference in tokens at our own mean price, "
    "and price is the rest."
)


_TOOL: Final = re.compile(r"search|code-execution|container|storage")
"""What vendors bill beside models."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What the ledger has for one model on one day."""

    day: date
    model: str
    cost: int
    """Nano-dollars."""
    input_tokens: int
    output_tokens: int
    attempts: int
    estimated: int
    """How many of the attempts have usage that we counted ourselves."""
    estimated_cost: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One day and model on both sides, in nano-dollars."""

    day: date
    model: str
    vendor: int
    ledger: int
    only_vendor: int = 0
    only_ledger: int = 0
    estimated: int = 0
    tokens: int = 0
    price: int = 0
    vendor_tokens: int | None = None
    ledger_tokens: int = 0
    note: str = ""

    @property
    def difference(self) -> int:
        """Vendor minus ledger."""
        return self.vendor - self.ledger

    @property
    def unpriced_tokens(self) -> int:
        """Tokens that only the vendor knows, without a known price: in no amount here."""
        known = self.vendor or self.ledger or self.ledger_tokens
        return 0 if known else self.vendor_tokens or 0

    def as_json(self) -> dict[str, Any]:
        """Return the row with dollars as text."""
        money = ("vendor", "ledger", "difference", "only_vendor", "only_ledger", "estimated", "tokens", "price")
        return {
            "day": self.day.isoformat(),
            "model": self.model,
            **{f"{name}_usd": usd_text(getattr(self, name)) for name in money},
            "vendor_tokens": self.vendor_tokens,
            "ledger_tokens": self.ledger_tokens,
            "note": self.note,
        }


def reconcile(lines: Sequence[InvoiceLine], booked: Iterable[Booked]) -> list[Compared]:
    """Compare a vendor's lines with the ledger for the same days; sorted by day and model.

    Lines of which none names a model are compared with all models of the day together.
    """
    if lines and all(line.model == NOT_GIVEN for line in lines):
        booked = [replace(one, model=NOT_GIVEN) for one in booked]
    ours = {(one.day, one.model): one for one in _merged(booked)}
    theirs = _by_model(lines)
    if theirs and all(line.cost is None for line in lines):
        theirs = {key: replace(line, cost=_at_our_price(line, ours.get(key))) for key, line in theirs.items()}
    rows = [_compare(key, theirs.get(key), ours.get(key)) for key in sorted(ours.keys() | theirs.keys())]
    return [_with_note(row, rows) for row in rows]


def _compare(key: tuple[date, str], line: InvoiceLine | None, own: Booked | None) -> Compared:
    day, model = key
    if line is None:
        assert own is not None
        return Compared(day, model, 0, own.cost, only_ledger=-own.cost, ledger_tokens=_tokens(own))
    vendor = line.cost or 0
    invoiced = None if line.input_tokens is None else line.input_tokens + (line.output_tokens or 0)
    if own is None:
        return Compared(day, model, vendor, 0, only_vendor=vendor, vendor_tokens=invoiced)
    difference = vendor - own.cost
    estimated = max(difference, -own.estimated_cost) if difference < 0 and own.estimated else 0
    counted = _tokens(own)
    tokens = (invoiced - counted) * own.cost // counted if invoiced is not None and counted else 0
    tokens = 0 if estimated else tokens
    return Compared(
        day,
        model,
        vendor,
        own.cost,
        estimated=estimated,
        tokens=tokens,
        price=difference - estimated - tokens,
        vendor_tokens=invoiced,
        ledger_tokens=counted,
    )


def _with_note(row: Compared, rows: Sequence[Compared]) -> Compared:
    """Say what the parts mean; a difference that the next day takes back is a matter of the clock."""
    if row.unpriced_tokens:
        return replace(row, note="not in the ledger: called without the gateway; the amount is unknown")
    if not row.difference:
        return row
    for other in rows:
        near = other.model == row.model and abs((other.day - row.day).days) == 1
        if near and other.difference and abs(other.difference + row.difference) * 20 <= abs(row.difference):
            return replace(row, note=f"{other.day} has the opposite difference: calls around midnight (UTC)")
    if row.only_vendor and _TOOL.search(row.model):
        return replace(row, note="a tool that the vendor bills separately; the ledger has it in the cost of the model")
    if row.only_vendor:
        return replace(row, note="not in the ledger: called without the gateway, or under another account")
    if row.only_ledger:
        return replace(row, note="not on the invoice: not billed yet, another account, or calls that failed for free")
    largest = max(("estimated", "tokens", "price"), key=lambda name: abs(getattr(row, name)))
    return replace(row, note=_NOTES[largest])


_NOTES: Final = {
    "estimated": "calls whose usage the vendor did not report are charged by our own count",
    "tokens": "the vendor counted other tokens than it reported in its answers",
    "price": "the prices differ: check discounts, tiers and dates, then `gateway ledger rerate`",
}


def _at_our_price(line: InvoiceLine, own: Booked | None) -> int:
    """Return what a line of tokens without money is worth at our own mean price."""
    invoiced = (line.input_tokens or 0) + (line.output_tokens or 0)
    return own.cost * invoiced // _tokens(own) if own is not None and _tokens(own) else 0


def _tokens(own: Booked) -> int:
    return own.input_tokens + own.output_tokens


def _by_model(lines: Sequence[InvoiceLine]) -> dict[tuple[date, str], InvoiceLine]:
    found: dict[tuple[date, str], InvoiceLine] = {}
    for line in lines:
        key = (line.day, line.model)
        before = found.get(key, InvoiceLine(*key))
        found[key] = InvoiceLine(
            *key,
            cost=_sum(before.cost, line.cost),
            input_tokens=_sum(before.input_tokens, line.input_tokens),
            output_tokens=_sum(before.output_tokens, line.output_tokens),
            requests=_sum(before.requests, line.requests),
        )
    return found


def _merged(booked: Iterable[Booked]) -> list[Booked]:
    found: dict[tuple[date, str], Booked] = {}
    for one in booked:
        key = (one.day, one.model if one.model == NOT_GIVEN else plain_model(one.model))
        before = found.get(key, Booked(*key, 0, 0, 0, 0, 0, 0))
        found[key] = Booked(
            *key,
            before.cost + one.cost,
            before.input_tokens + one.input_tokens,
            before.output_tokens + one.output_tokens,
            before.attempts + one.attempts,
            before.estimated + one.estimated,
            before.estimated_cost + one.estimated_cost,
        )
    return list(found.values())


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
