"""``gateway keys``: who may call. A key is shown once, when it is made; stored is its hash."""

import time
from pathlib import Path
from typing import Any

import click
import orjson

from gateway.cli import credentials
from gateway.cli.output import BROKEN, format_option, print_json, print_table, resolve_format
from gateway.cli.stores import Duration, reported_errors, store_options, stores_of
from gateway.cli.tables import safe
from gateway.domain.time_text import utc
from gateway.stores.keys.keys import GRANTS
from gateway.stores.keys.lookup import Secret, digest_of, new_secret
from gateway.stores.keys.place import keeper
from gateway.stores.ledger.actions import Change


@click.group()
def command() -> None:
    """Make, list and revoke API keys. Running servers follow within 2 seconds."""


@command.command()
@store_options
@click.option("--team", required=True, help="Team whose budget, data class and rules apply; it must be in the policy.")
@click.option("--name", default="", help="What the key is for.")
@click.option("--owner", default="", help="Who is responsible for it.")
@click.option("--expires", type=Duration(), help="How long it is valid, e.g. 90d.  [default: for ever]")
@click.option(
    "--grant", "grants", type=click.Choice(GRANTS), multiple=True, help="The key may declare a class below its team's."
)
def create(
    config: str | None,
    data_dir: str | None,
    team: str,
    name: str,
    owner: str,
    expires: int | None,
    grants: tuple[str, ...],
) -> None:
    """Make a key and print it, alone, on stdout. It cannot be shown again.

    \b
    Examples:
      gateway keys create --team support
      KEY=$(gateway keys create --team ci --name "nightly tests" --owner ann --expires 90d)
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    if not team.strip():
        raise click.UsageError("--team is empty")
    now = time.time()
    stores, secret = stores_of(config, data_dir), new_secret("gwk")
    expires_at = None if expires is None else now + expires
    made = {"team": team, "name": name, "owner": owner, "grants": list(grants), "expires": utc(expires_at)}
    if stores.keys_file is not None:
        _show_line(stores.keys_file, secret, {**made, "expires": expires_at})
        return
    with reported_errors():
        stores.data.ensure()
        with stores.changing(Change("key.create", secret.id, after=credentials.filled(made))):
            key_id, key = keeper(stores.data).create(
                team, now=now, name=name, owner=owner, grants=grants, expires_at=expires_at, secret=secret
            )
    click.echo(key)
    click.echo(f"key {key_id} of team '{team}'; keep it now, only its hash is stored", err=True)
    click.echo(f"for GATEWAY_KEYS_FILE: {{id: {key_id}, team: {team}, sha256: {digest_of(key)}}}", err=True)


@command.command("list")
@store_options
@format_option()
def list_keys(config: str | None, data_dir: str | None, form: str | None) -> None:
    """List keys by id; the keys themselves are stored nowhere."""
    stores = stores_of(config, data_dir)
    if stores.keys_file is not None:
        _list_file(stores.keys_file, form)
        return
    credentials.show(
        lambda: keeper(stores.data),
        form,
        ("id", "team", "name", "owner", "grants"),
        "no key yet; make one with: gateway keys create --team TEAM",
    )


@command.command()
@store_options
@click.argument("key_id", metavar="ID")
def revoke(config: str | None, data_dir: str | None, key_id: str) -> None:
    """Revoke a key by its id (the middle part of it). Exits 1 if there is none of this id."""
    stores = stores_of(config, data_dir)
    if stores.keys_file is not None:
        click.echo(f"the gateway takes its keys from {stores.keys_file}: remove the line of {key_id} there", err=True)
        raise SystemExit(BROKEN)
    credentials.revoke(stores, keeper(stores.data), "key", key_id)


def _show_line(place: Path, secret: Secret, made: dict[str, Any]) -> None:
    """Print a new key, and the line that puts it into force: the file is someone else's to write."""
    row = {"id": secret.id, "sha256": secret.sha256, **credentials.filled(made)}
    click.echo(secret.text)
    click.echo(f"key {secret.id}: the gateway takes its keys from {place}; add this line to it:", err=True)
    click.echo(f"- {orjson.dumps(row).decode()}", err=True)


def _list_file(place: Path, form: str | None) -> None:
    """Print the keys of the file that the gateway takes them from."""
    from gateway.policy.load.errors import PolicyErrors  # noqa: PLC0415 -- only with a keys_file
    from gateway.stores.keys.file import listed  # noqa: PLC0415 -- parser and models

    try:
        rows = listed(place)
    except PolicyErrors as error:
        click.echo(str(error), err=True)
        raise SystemExit(BROKEN) from error
    if resolve_format(form) == "json":
        print_json(rows)
        return
    columns = ("id", "team", "name", "owner", "grants")
    cells = [
        [safe(", ".join(row[one]) if one == "grants" else str(row[one])) or "-" for one in columns] for row in rows
    ]
    print_table(f"Keys in {place}", list(columns), cells)
