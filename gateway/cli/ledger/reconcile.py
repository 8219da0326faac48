"""``gateway ledger reconcile``: our ledger compared with a vendor's export."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.stores import ledger_of, reported_errors, store_options
from gateway.cli.tables import safe
from gateway.domain.money import NANOS_PER_USD, usd_text
from gateway.reports.invoice import Invoice, InvoiceError, read
from gateway.reports.reconcile import METHOD, Booked, Compared
from gateway.reports.reconcile import reconcile as compare
from gateway.stores.ledger.reader import LedgerReader

DIFFERENT: Final = 1
_MONEY: Final = ("vendor", "ledger", "difference", "only_vendor", "only_ledger", "estimated", "tokens", "price")


@click.command()
@store_options
@click.option(
    "--invoice",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Usage or cost export of OpenAI or Anthropic, by day and model: JSON pages of their admin APIs, or CSV.",
)
@click.option("--target", "targets", multiple=True, help="Targets that this account pays for.  [default: the vendor's]")
@click.option(
    "--tolerance", type=click.FloatRange(0, 1), default=0.01, show_default=True, help="Share that may differ."
)
@format_option()
def reconcile(
    config: str | None,
    data_dir: str | None,
    invoice: Path,
    targets: tuple[str, ...],
    tolerance: float,
    form: str | None,
) -> None:
    """Compare what a vendor charges with the ledger, by day and model, and explain the difference.

    \b
    Exit codes:
      0  the totals differ by no more than the tolerance
      1  they differ by more, or the vendor counts that many tokens of which the ledger knows nothing
      2  the file or the ledger cannot be read
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    try:
        found = read(invoice.read_text(encoding="utf-8-sig"))
    except (InvoiceError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{invoice.name}: {error}") from error
    first, last = min(line.day for line in found.lines), max(line.day for line in found.lines)
    with reported_errors(), LedgerReader(ledger_of(config, data_dir)).view() as view:
        rows = view.booked(_ns(first), _ns(last + timedelta(days=1)))
    compared = compare(found.lines, [_booked(row) for row in rows if _belongs(row, found, targets)])
    _show(compared, found, resolve_format(form))
    total = sum(row.vendor for row in compared)
    unknown = sum(row.unpriced_tokens for row in compared)
    tokens = sum(row.vendor_tokens or 0 for row in compared)
    if abs(sum(row.difference for row in compared)) > tolerance * max(total, 1) or unknown > tolerance * tokens:
        raise SystemExit(DIFFERENT)


def _show(rows: list[Compared], invoice: Invoice, form: str) -> None:
    totals = {f"{name}_usd": usd_text(sum(getattr(row, name) for row in rows)) for name in _MONEY}
    if form == "json":
        lines = [row.as_json() for row in rows]
        print_json({"vendor": invoice.vendor, "total": totals, "rows": lines, "method": METHOD})
        return
    shown = [
        [row.day.isoformat(), safe(row.model), *_dollars(row.vendor, row.ledger, row.difference), _why(row)]
        for row in rows
    ]
    sums = _dollars(*(sum(getattr(row, name) for row in rows) for name in _MONEY[:3]))
    print_table(
        f"{invoice.vendor}, $",
        ["day", "model", "vendor #", "ledger #", "difference #", "why"],
        [*shown, ["total", "", *sums, ""]],
    )
    click.echo(METHOD)


def _why(row: Compared) -> str:
    parts = [(name, getattr(row, name)) for name in _MONEY[3:]]
    found = [f"{name.replace('_', ' ')} {_dollars(value)[0]}" for name, value in parts if value]
    if row.unpriced_tokens:
        found.append(f"{row.unpriced_tokens:,} tokens")
    return f"{', '.join(found)}: {row.note}" if found else ""


def _dollars(*amounts: int) -> list[str]:
    """Return amounts for people, to the hundredth of a cent."""
    return [f"{amount / NANOS_PER_USD:,.4f}" for amount in amounts]


def _belongs(row: dict[str, Any], invoice: Invoice, targets: tuple[str, ...]) -> bool:
    if targets:
        return row["target"] in targets
    return invoice.vendor in {row["provider"], str(row["model"]).partition("/")[0]}


def _booked(row: dict[str, Any]) -> Booked:
    data = {name: row[name] for name in Booked.__slots__ if name != "day"}
    return Booked(day=date(1970, 1, 1) + timedelta(days=row["day"]), **data)


def _ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000_000
