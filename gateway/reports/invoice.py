"""What a vendor says it will charge: exports of OpenAI and Anthropic, read into one shape.

Sources: OpenAI's organization costs and completions usage APIs (``bucket`` with Unix ``start_time``; amounts in
dollars) and the CSV of its usage page; Anthropic's ``cost_report`` (amounts in cents, as decimal strings) and
``usage_report/messages`` (tokens outside of each other), and the CSV of its console.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

import orjson

from gateway.domain.money import NANOS_PER_USD

_DATED: Final = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
_WORDS: Final = re.compile(r"\s*(?:usage\b|,|-\s|\(| input\b| output\b| cached\b|batch\b).*$", re.IGNORECASE)
_DAY: Final = ("start_time_iso", "usage_date_utc", "usage_date", "date", "starting_at", "start_time")
_MODEL: Final = ("model", "model_version", "line_item", "description")
_COST: Final = ("amount_value", "cost_usd", "amount_usd", "cost (usd)", "usd")


class InvoiceError(ValueError):
    """The file is no export that is known; the text says what was expected."""


Vendor = Literal["openai", "anthropic"]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An export."""

    vendor: Vendor
    lines: tuple["InvoiceLine", ...]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What a vendor reports for one model on one day (UTC). None: this export does not say."""

    day: date
    model: str
    cost: int | None = None
    """Nano-dollars."""
    input_tokens: int | None = None
    """Cached and cache-write tokens included."""
    output_tokens: int | None = None
    requests: int | None = None


def read(text: str) -> Invoice:
    """Return what is in an export: a page, several pages one a line or in a list, or CSV.

    Raises:
        InvoiceError: it is none that is known.
    """
    begun = text.lstrip()[:1]
    try:
        lines = list(_pages(text)) if begun in {"{", "["} else list(_table(text))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        if isinstance(error, InvoiceError):
            raise
        raise InvoiceError(f"this is no usage or cost export of OpenAI or Anthropic: {error!r}") from error
    if not lines:
        raise InvoiceError("this export has no lines; group it by model (line_item, description) and by day")
    return Invoice(_vendor(lines), tuple(lines))


def _vendor(lines: list[InvoiceLine]) -> Vendor:
    return "anthropic" if any("claude" in line.model for line in lines) else "openai"


def plain_model(name: str) -> str:
    """Return a model's name without provider and date: ``openai/gpt-4o-2024-08-06`` is ``gpt-4o``."""
    return _DATED.sub("", name.strip().lower().rpartition("/")[2]).replace(" ", "-")


def _pages(text: str) -> Iterator[InvoiceLine]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = [orjson.loads(line) for line in text.splitlines() if line.strip()]
    for page in found if isinstance(found, list) else [found]:
        for bucket in page["data"]:
            day = _day(bucket["start_time"] if "start_time" in bucket else bucket["starting_at"])
            for result in bucket["results"]:
                yield _openai(day, result) if "object" in result else _anthropic(day, result)


def _openai(day: date, result: Mapping[str, Any]) -> InvoiceLine:
    if "amount" in result:
        if str(result["amount"]["currency"]).lower() != "usd":
            raise InvoiceError(f"amounts are in {result['amount']['currency']}: only US dollars are compared")
        return InvoiceLine(day, _model_of(result.get("line_item")), _nanos(result["amount"]["value"]))
    return InvoiceLine(
        day,
        _model_of(result.get("model")),
        input_tokens=result["input_tokens"],
        output_tokens=result["output_tokens"],
        requests=result.get("num_model_requests"),
    )


def _anthropic(day: date, result: Mapping[str, Any]) -> InvoiceLine:
    if "amount" in result:
        if result.get("currency", "USD") != "USD":
            raise InvoiceError(f"amounts are in {result['currency']}: only US dollars are compared")
        return InvoiceLine(
            day, _model_of(result.get("model") or result.get("description")), _nanos(result["amount"], 100)
        )
    written = result.get("cache_creation") or {}
    return InvoiceLine(
        day,
        _model_of(result.get("model")),
        input_tokens=result["uncached_input_tokens"] + result.get("cache_read_input_tokens", 0) + sum(written.values()),
        output_tokens=result["output_tokens"],
    )


def _table(text: str) -> Iterator[InvoiceLine]:
    rows = csv.DictReader(io.StringIO(text))
    names = {name.strip().lower(): name for name in rows.fieldnames or ()}
    day, model, cost = (_column(names, known) for known in (_DAY, _MODEL, _COST))
    for row in rows:
        if row[cost]:
            yield InvoiceLine(_day(row[day]), _model_of(row[model]), _nanos(row[cost].lstrip("$")))


def _column(names: Mapping[str, str], known: tuple[str, ...]) -> str:
    for name in known:
        if name in names:
            return names[name]
    raise InvoiceError(f"no column of {', '.join(known)}; there are {', '.join(names) or 'none'}")


def _model_of(text: Any) -> str:
    """Return the model that a line item speaks of: ``Claude Sonnet 4 Usage - Input Tokens`` or ``gpt-4o, input``."""
    return plain_model(_WORDS.sub("", str(text or ""))) or "(not told)"


def _day(value: Any) -> date:
    if isinstance(value, int) or str(value).isdigit():
        return datetime.fromtimestamp(int(value), UTC).date()
    return date.fromisoformat(str(value)[:10])


def _nanos(value: Any, in_a_dollar: int = 1) -> int:
    return int((Decimal(str(value)) * NANOS_PER_USD / in_a_dollar).to_integral_value())
