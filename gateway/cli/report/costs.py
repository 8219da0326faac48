"""``gateway report costs``: what it cost, who spent it, what it saved."""

import sys
import time
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Final

import click
import orjson

from gateway.cli.output import format_option, resolve_format
from gateway.cli.report.options import only_of, only_options, span_of, span_options
from gateway.cli.stores import Duration, ledger_of, reported_errors, store_options
from gateway.domain.costs import GROUPINGS, Grouping
from gateway.queries.costs import CostQuery, cost_report, focus_file
from gateway.reports.costs import CostReport, as_json
from gateway.reports.savings import TOKEN_RATIO
from gateway.stores.ledger.reader import LedgerReader

_PIPE_WIDTH: Final = 200


@click.command()
@store_options
@click.option(
    "--by", type=click.Choice(GROUPINGS), default="team", show_default=True, help="One row for each of these."
)
@span_options
@click.option("--since", type=Duration(), help="How far back, instead of days: 24h, 7d.")
@only_options
@click.option(
    "--token-ratio",
    type=click.FloatRange(0, 1),
    default=TOKEN_RATIO,
    show_default=True,
    help="Closed tokens per local token, for the lower bound of savings.",
)
@click.option("--billing-account", default="gateway", show_default=True, help="BillingAccountId of FOCUS.")
@format_option("csv", "html", "focus")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def costs(
    config: str | None,
    data_dir: str | None,
    *,
    by: Grouping,
    first: str | None,
    last: str | None,
    since: int | None,
    token_ratio: float,
    billing_account: str,
    form: str | None,
    output: Path | None,
    **names: str | None,
) -> None:
    """Show spend, reference cost and savings, the share served locally, budgets and forecasts.

    \b
    Examples:
      gateway report costs --by team
      gateway report costs --by model --since 7d
      gateway report costs --by day --team legal --target gpt-5
      gateway report costs --by target --from 2026-11-01 --to 2026-11-30 --format csv --output november.csv
      gateway report costs --by team --format html --output costs.html
      gateway report costs --from 2026-11-01 --to 2026-11-30 --format focus --output focus.csv

    FOCUS always has one row per day, team, key, model, task and target: --by does not change it.

    Works with the server up, down or killed: what is not in the ledger's database yet is read from the spool.
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    form = form or ("html" if output is not None and output.suffix == ".html" else None)
    form = form or ("csv" if output is not None and output.suffix == ".csv" else resolve_format(None))
    span = span_of(first, last, since)
    asked = CostQuery(by, span, time.time_ns(), only_of(names), token_ratio, trend=form == "html")
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        if form == "focus":
            _write_pieces(focus_file(reader, asked, billing_account), output)
        else:
            _show(cost_report(reader, asked), form, output)


def _show(report: CostReport, form: str, output: Path | None) -> None:
    if form == "table" and output is None and sys.stdout.isatty():
        _table(report, None)
    else:
        _write(_text(report, form), output)


def _write(text: str, output: Path | None) -> None:
    _write_pieces((text,), output)


def _write_pieces(pieces: Iterable[str], output: Path | None) -> None:
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    with output.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    click.echo(f"wrote {output}", err=True)


def _text(report: CostReport, form: str) -> str:
    """Return a report in one format; what writes it is loaded here, for most formats need little."""
    if form == "json":
        return orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2).decode() + "\n"
    if form == "csv":
        from gateway.reports import csv_file  # noqa: PLC0415 -- as above

        return csv_file.render(report)
    if form == "html":
        from gateway.reports import page  # noqa: PLC0415 -- as above

        return page.render(report)
    return _table(report, StringIO())


def _table(report: CostReport, file: StringIO | None) -> str:
    """Write a table into a text, or to the terminal as wide as that is."""
    from rich.console import Console  # noqa: PLC0415 -- as above

    from gateway.reports import table  # noqa: PLC0415 -- as above

    console = Console(file=file, width=None if file is None else _PIPE_WIDTH)
    console.print(table.render(report, console.width))
    return "" if file is None else file.getvalue()
