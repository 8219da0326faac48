"""``gateway report variance``: why one period cost more than another."""

from typing import Final

import click

from gateway.cli.output import format_option, print_json, print_table, resolve_format
from gateway.cli.report.options import only_of, only_options
from gateway.cli.stores import ledger_of, reported_errors, store_options
from gateway.cli.tables import safe
from gateway.queries.variance import By, variances
from gateway.reports import variance as report
from gateway.reports.costs import dollars
from gateway.reports.span import period
from gateway.stores.ledger.reader import LedgerReader

_MOST: Final = 20


@click.command()
@store_options
@click.option("--from", "before", required=True, metavar="PERIOD", help="2026-10, or 2026-10-01..2026-10-15, UTC.")
@click.option("--to", "after", required=True, metavar="PERIOD", help="The period to compare with it.")
@click.option(
    "--by",
    type=click.Choice(["target", "model", "team"]),
    default="target",
    show_default=True,
    help="What to group by.",
)
@only_options
@format_option()
def variance(
    config: str | None,
    data_dir: str | None,
    before: str,
    after: str,
    by: By,
    form: str | None,
    **names: str | None,
) -> None:
    """Explain the difference in spend between two periods: volume, mix, cache, price. The parts add up to it exactly.

    \b
    Examples:
      gateway report variance --from 2026-10 --to 2026-11
      gateway report variance --from 2026-11-01..2026-11-07 --to 2026-11-08..2026-11-14 --by model --team support
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    try:
        spans = period(before), period(after)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    only = only_of(names)
    reader = LedgerReader(ledger_of(config, data_dir))
    with reported_errors():
        rows = variances(reader, *spans, by, only)
    whole = report.total(rows)
    if resolve_format(form) == "json":
        shown = [report.record(row) for row in rows]
        head = {"report": "variance", "by": by, "from": before, "to": after, "only": only}
        print_json({**head, "rows": shown, "total": report.record(whole), "method": report.METHOD})
        return
    columns = (by, f"{before} $", f"{after} $", "difference $", *(f"{name} $" for name in report.EFFECTS))
    print_table(f"Spend, {before} to {after}", columns, [_cells(row) for row in (*rows[:_MOST], whole)])
    if len(rows) > _MOST:
        click.echo(f"and {len(rows) - _MOST} more: --format json")
    click.echo(report.METHOD)


def _cells(row: report.Variance) -> list[str]:
    money = [row.before, row.after, row.difference, *row.effects.values()]
    return [safe(row.name), *[dollars(amount) for amount in money]]
