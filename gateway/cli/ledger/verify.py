"""``gateway ledger verify``: prove that the ledger is correct."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.stores import anchor_option, ledger_of, reported_errors, store_options
from gateway.domain.money import usd_text
from gateway.stores.audit.ledger import audit
from gateway.stores.chain.anchors import read_anchors

PROBLEMS: Final = 1
MOST: Final = 50


@click.command()
@store_options
@anchor_option
@format_option()
def verify(config: str | None, data_dir: str | None, anchor: Path | None, form: str | None) -> None:
    """Check that each attempt is settled exactly once, each sum is right and nothing is damaged.

    Of each adjustment it checks that it corrects a settled attempt, and that its amount is the new price less what had
    been charged and corrected before.

    For calls to vendors it checks that every ticket has a receipt, and that the chains of receipts were not changed: no
    entry is missing, moved, altered or inserted. Chain files of the egress in the data directory are compared with
    them.

    \b
    Exit codes:
      0  the ledger is correct
      1  something is wrong, or left open by a gateway that was killed (its next start settles that)
      2  the ledger cannot be read
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    with reported_errors():
        data = ledger_of(config, data_dir)
        found = audit(data, read_anchors(anchor) if anchor else ())
    if resolve_format(form) == "json":
        row = {"ok": not found.problems, "ledger": data.place, **asdict(found), "cost_usd": usd_text(found.cost)}
        del row["cost"]
        print_json(row)
    else:
        counts = f"{found.requests:,} requests, {found.attempts:,} attempts, {found.settlements:,} settlements"
        click.echo(f"ledger {data.place}")
        click.echo(f"schema {found.schema}: {counts}, ${usd_text(found.cost)}; {found.running} still running")
        click.echo(f"{found.receipts:,} receipts in {found.chains} chains")
        for title, findings in (("Problems", found.problems), ("Notes", found.notes)):
            if findings:
                click.echo(f"{title} ({len(findings)})")
                for one in findings[:MOST]:
                    click.echo(f"  {one.kind}: {one.what}: {one.text}")
        if not found.problems:
            click.secho("the ledger is correct", fg="green")
    if found.problems:
        raise SystemExit(PROBLEMS)
