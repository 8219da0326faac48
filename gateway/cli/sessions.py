"""``gateway sessions``: what conversations carry, and how to have it forgotten."""

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.output import BROKEN, format_option, print_json, print_table, resolve_format
from gateway.cli.stores import Stores, reported_errors, store_options, stores_of
from gateway.cli.tables import safe
from gateway.ports import SessionsUnavailable
from gateway.queries import sessions
from gateway.settings import load
from gateway.stores.ledger.actions import CHANCE_BYTES


@click.group()
def command() -> None:
    """Show what a conversation carries and why, and have it forgotten."""


@command.command()
@click.argument("wanted", metavar="ID")
@store_options
@format_option()
def show(wanted: str, config: str | None, data_dir: str | None, form: str | None) -> None:
    """Show what is kept of a session, or because of a decision.

    ID is the session id that the caller sent, its hash (`session` in `decisions show`), or the id of a decision.

    \b
    Examples:
      gateway sessions show 7d1c2a4e-refactoring
      gateway sessions show dec_01k9c2x4qgp8s4m2
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    rows = [sessions.as_json(one) for one in _found(stores_of(config, data_dir), wanted, config)]
    if resolve_format(form) == "json":
        print_json(rows)
        return
    if not rows:
        click.echo(f"nothing is kept for {safe(wanted)}: it carries nothing, or was not used for 24 hours")
        return
    print_table("", ("team", "of", "kind", "class", "since", "decision"), _cells(rows))


@command.command()
@click.argument("wanted", metavar="ID")
@click.option("--reason", required=True, help="Why it may be forgotten; it is recorded.")
@store_options
def forget(wanted: str, reason: str, config: str | None, data_dir: str | None) -> None:
    """Have forgotten what a session carries, or what a decision brought. It is recorded; a running gateway follows.

    What still stands in the conversation is found again by its next request. Of a decision, what later requests of the
    same conversation held of the same kinds is forgotten with it.

    \b
    Example:
      gateway sessions forget dec_01k9c2x4qgp8s4m2 --reason "the IBAN is our own, from the imprint"
    """  # noqa: D301 -- as above
    if not reason.strip():
        raise click.UsageError("--reason is empty")
    stores = stores_of(config, data_dir)
    some = _found(stores, wanted, config)
    if not some:
        click.echo(f"nothing is kept for {wanted}: there is nothing to forget", err=True)
        raise SystemExit(BROKEN)
    chance = secrets.token_bytes(CHANCE_BYTES)
    with reported_errors():
        sessions.forget(stores.data, stores.actor, some, wanted, reason, now_ns=time.time_ns(), chance=chance)
    click.echo(
        f"{len(some)} entries of {wanted} are forgotten within 2 seconds, or at the gateway's next start", err=True
    )


def _found(stores: Stores, wanted: str, config: str | None) -> list[sessions.Held]:
    """Return what is kept; exits with 2 where no gateway has kept anything."""
    settings = load(Path(config) if config else None, {"data_dir": str(stores.data.path)})
    try:
        everything = sessions.held(stores.data, settings.state.url)
    except FileNotFoundError as error:
        click.echo(
            f"no gateway has kept conversations in {stores.data.path}; name its --data-dir or --config", err=True
        )
        raise SystemExit(BROKEN) from error
    except SessionsUnavailable as error:
        click.echo(f"{error}: is the Redis of state.url there?", err=True)
        raise SystemExit(BROKEN) from error
    return sessions.found(everything, wanted, stores.data.salt_of(settings.salt_file))


def _cells(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    cells = []
    for row in rows:
        for one in row["carries"]:
            since, decision = one["time"] or "-", one["decision"] or "-"
            cells.append([row["team"], row["of"], one["kind"], one["class"], since, decision])
        if row["masked_values"]:
            cells.append([row["team"], row["of"], f"{row['masked_values']} masked values", "-", "-", "-"])
    return [[safe(cell) for cell in line] for line in cells]
