"""What a vendor says it will charge: exports of OpenAI and Anthropic, read into one shape.

Sources: OpenAI's organization costs and completions usage APIs (``bucket`` with Unix ``start_time``; amounts in
dollars) and the CSV files of its usage page; Anthropic's ``cost_report`` (amounts in cents, as decimal strings) and
``usage_report/messages`` (tokens outside of each other), and the CSV files of cost and usage of its console, where
models may be named as people do (``Claude Haiku 4.5``).
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
_CURRENCY: Final = ("amount_currency", "currency")
_INPUT: Final = (
    *("input_tokens", "usage_input_tokens_no_cache", "usage_input_tokens_cache_read"),
    *("usage_input_tokens_cache_write", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h"),
)
"""Columns that add up to the input; a table has the first, or some of the others."""
_OUTPUT: Final = ("output_tokens", "usage_output_tokens")
_FAMILY_LAST: Final = re.compile(r"^claude-(\d+(?:-\d+)?)-([a-z]+)$")
NOT_GIVEN: Final = "(not given)"
"""Stands for the model of a line that names none: the export was not grouped by it."""


class InvoiceError(ValueError):
    """The file is not a known export; the text says what was expected."""


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
    pages = text.lstrip()[:1] in {"{", "["}
    try:
        lines = list(_pages(text) if pages else _table(text))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        if isinstance(error, InvoiceError):
            raise
        raise InvoiceError(f"not a usage or cost export of OpenAI or Anthropic: {error!r}") from error
    if not lines:
        raise InvoiceError("this export has no lines; group it by model (line_item, description) and by day")
    return Invoice(_vendor(text, lines, pages=pages), tuple(lines))


def _vendor(text: str, lines: list[InvoiceLine], *, pages: bool) -> Vendor:
    """Return whose export it is: known from the shape of pages, or from the models of tables."""
    if pages:
        return "openai" if '"organization.' in text else "anthropic"
    return "anthropic" if any("claude" in line.model for line in lines) else "openai"


def plain_model(name: str) -> str:
    """Return a model's name without provider and date: ``openai/gpt-4o-2024-08-06`` is ``gpt-4o``.

    Names of Claude models are written in one way of several: ``Claude 3.5 Haiku`` and ``claude-3-5-haiku-20241022`` are
    ``claude-haiku-3-5``.
    """
    plain = _DATED.sub("", name.strip().lower().rpartition("/")[2]).replace(" ", "-")
    if plain.startswith("claude"):
        plain = _FAMILY_LAST.sub(r"claude-\2-\1", plain.replace(".", "-"))
        plain = re.sub(r"(-\d+)-0$", r"\1", plain)
    return plain


def _pages(text: str) -> Iterator[InvoiceLine]:
    """Yield the lines of pages. A bucket may be in two of them, if both were requested: its lines count once."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = [orjson.loads(line) for line in text.splitlines() if line.strip()]
    pages = found if isinstance(found, list) else [found]
    if pages and pages[-1].get("has_more"):
        raise InvoiceError("this export is incomplete: its last page says has_more; fetch next_page and append it")
    counted: set[tuple[object, bytes]] = set()
    for page in pages:
        for bucket in page["data"]:
            start = bucket["start_time"] if "start_time" in bucket else bucket["starting_at"]
            whole = [(start, orjson.dumps(result, option=orjson.OPT_SORT_KEYS)) for result in bucket["results"]]
            for key, result in zip(whole, bucket["results"], strict=True):
                if key not in counted:
                    yield _openai(_day(start), result) if "object" in result else _anthropic(_day(start), result)
            counted.update(whole)


def _openai(day: date, result: Mapping[str, Any]) -> InvoiceLine:
    if "amount" in result:
        if str(result["amount"]["currency"]).lower() != "usd":
            raise InvoiceError(f"amounts are in {result['amount']['currency']}: only US dollars are compared")
        return InvoiceLine(day, _model_of(result.get("line_item")), _nanos(result["amount"]["value"]))
    return InvoiceLine(
        day,
        _model_of(result.get("model")),
        input_tokens=result["input_tokens"],
        output_tokens=result.get("output_tokens", 0),
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
    day, model = _column(names, _DAY), _column(names, _MODEL)
    if any(name in names for name in _OUTPUT) and not any(name in names for name in _COST):
        ways_in = [names[name] for name in _INPUT if name in names]
        output = _column(names, _OUTPUT)
        for row in rows:
            took = sum(_count(row[name]) for name in ways_in)
            asked = _count(row[names["num_model_requests"]]) if "num_model_requests" in names else None
            yield InvoiceLine(_day(row[day]), _model_of(row[model]), None, took, _count(row[output]), asked)
        return
    cost = _column(names, _COST)
    currency = next((names[name] for name in _CURRENCY if name in names), None)
    for row in rows:
        if currency is not None and (row[currency] or "usd").lower() != "usd":
            raise InvoiceError(f"amounts are in {row[currency]}: only US dollars are compared")
        if row[cost]:
            yield InvoiceLine(_day(row[day]), _model_of(row[model]), _nanos(_amount(row[cost])))


def _column(names: Mapping[str, str], known: tuple[str, ...]) -> str:
    for name in known:
        if name in names:
            return names[name]
    raise InvoiceError(f"no column of {', '.join(known)}; there are {', '.join(names) or 'none'}")


def _model_of(text: Any) -> str:
    """Return the model that a line item speaks of: ``Claude Sonnet 4 Usage - Input Tokens`` or ``gpt-4o, input``."""
    return plain_model(_WORDS.sub("", str(text or ""))) or NOT_GIVEN


def _day(value: Any) -> date:
    """Return the day in UTC, wherever the time was written."""
    if isinstance(value, int) or str(value).isdigit():
        return datetime.fromtimestamp(int(value), UTC).date()
    text = str(value)
    if len(text) > len("2026-11-30"):
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    return date.fromisoformat(text)


def _amount(text: str) -> str:
    """Return an amount without what tables put around it: ``$1,234.50``; ``-$2`` and ``(2)`` were paid back."""
    plain = text.strip().replace("$", "").replace(",", "")
    return f"-{plain[1:-1]}" if plain.startswith("(") and plain.endswith(")") else plain


def _count(text: str | None) -> int:
    return int((text or "0").replace(",", ""))


def _nanos(value: Any, in_a_dollar: int = 1) -> int:
    return int((Decimal(str(value)) * NANOS_PER_USD / in_a_dollar).to_integral_value())
