"""``gateway report``: what it cost, who spent it, what it saved."""

import sys
import time
from pathlib import Path
from typing import Final

import click
import orjson
from rich.console import Console

from gateway.cli.output import resolve_format
from gateway.cli.report_commitments import commitments
from gateway.cli.report_gpu import gpu
from gateway.cli.stores import Duration, data_dir_of, store_options, told
from gateway.domain.costs import GROUPINGS, Grouping
from gateway.reports import costs as cost_report
from gateway.reports import csv_file, page, table
from gateway.reports.span import Span, back, days
from gateway.stores.ledger_reader import LedgerReader

NOT_BUILT: Final = 3
FORMATS: Final = ("table", "csv", "json", "html", "focus")
_PIPE_WIDTH: Final = 200


@click.group()
def command() -> None:
    """Reports from the ledger."""


command.add_command(gpu)
command.add_command(commitments)


@command.command()
@store_options
@click.option("--by", type=click.Choice(GROUPINGS), default="team", show_default=True, help="What a row stands for.")
@click.option("--from", "first", metavar="DATE", help="First day, UTC.  [default: the month's first]")
@click.option("--to", "last", metavar="DATE", help="Last day, included.  [default: today]")
@click.option("--since", type=Duration(), help="So long before now, instead of days: 24h, 7d.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: table on a terminal, else json]")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def costs(
    config: str | None,
    data_dir: str | None,
    by: Grouping,
    first: str | None,
    last: str | None,
    since: int | None,
    form: str | None,
    output: Path | None,
) -> None:
    """Show spend, reference cost and savings, and the share served locally.

    \b
    Examples:
      gateway report costs --by team
      gateway report costs --by model --since 7d
      gateway report costs --by target --from 2026-11-01 --to 2026-11-30 --format csv --output november.csv
      gateway report costs --by team --format html --output costs.html

    Works with the server up, down or killed: what is not in the ledger's database yet is read from the spool.
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    form = form or ("html" if output is not None and output.suffix == ".html" else None)
    form = form or ("csv" if output is not None and output.suffix == ".csv" else resolve_format(None))
    if form == "focus":
        click.echo("gateway report costs --format focus: not built yet", err=True)
        raise SystemExit(NOT_BUILT)
    span = _span(first, last, since)
    reader = LedgerReader(data_dir_of(config, data_dir))
    with told(), reader.view() as view:
        rows = view.cost_rows(span.from_ns, span.to_ns, by)
        by_day = view.cost_rows(span.from_ns, span.to_ns, "day") if form == "html" else []
    with told():
        _write(cost_report.build(by, span.first, span.last, rows, by_day), form, output)


def _span(first: str | None, last: str | None, since: int | None) -> Span:
    if since is not None and (first or last):
        raise click.UsageError("give either --since or --from and --to")
    if since is not None:
        return back(since * 1_000_000_000, time.time_ns())
    try:
        return days(first, last, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _write(report: cost_report.CostReport, form: str, output: Path | None) -> None:
    if form == "table" and output is None:
        console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
        console.print(table.render(report, console.width))
        return
    text = _text(report, form)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"wrote {output}", err=True)


def _text(report: cost_report.CostReport, form: str) -> str:
    if form == "csv":
        return csv_file.render(report)
    if form == "html":
        return page.render(report)
    if form == "json":
        return orjson.dumps(cost_report.as_json(report), option=orjson.OPT_INDENT_2).decode() + "\n"
    console = Console(width=_PIPE_WIDTH)
    with console.capture() as capture:
        console.print(table.render(report, console.width))
    return capture.get()
