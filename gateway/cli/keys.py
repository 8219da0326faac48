"""``gateway keys``: who may call. A key is shown once, when it is made; stored is its hash."""

import time
from datetime import UTC, datetime
from typing import Any, Final

import click
from rich.console import Console

from gateway.cli.output import print_json, resolve_format
from gateway.cli.stores import Duration, data_dir_of, store_options, told
from gateway.cli.tables import compact, safe
from gateway.stores.keys.lookup import digest_of
from gateway.stores.keys.place import keeper
from gateway.stores.keys.sqlite import GRANTS, KeyEntry

NOT_FOUND: Final = 1


@click.group()
def command() -> None:
    """Make, list and revoke API keys. Running servers follow within 2 seconds."""


@command.command()
@store_options
@click.option("--team", required=True, help="Whose budget, data class and rules apply; policy must know it.")
@click.option("--name", default="", help="What the key is for.")
@click.option("--owner", default="", help="Whom to ask about it.")
@click.option("--expires", type=Duration(), help="How long it is valid, e.g. 90d.  [default: for ever]")
@click.option("--grant", "grants", type=click.Choice(GRANTS), multiple=True, help="May go below its team's data class.")
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
    directory = data_dir_of(config, data_dir)
    with told():
        directory.ensure()
        key_id, key = keeper(directory).create(
            team,
            now=now,
            name=name,
            owner=owner,
            grants=grants,
            expires_at=None if expires is None else now + expires,
        )
    click.echo(key)
    click.echo(f"key {key_id} of team '{team}'; keep it now, only its hash is stored", err=True)
    click.echo(f"for GATEWAY_KEYS_FILE: {{id: {key_id}, team: {team}, sha256: {digest_of(key)}}}", err=True)


@command.command("list")
@store_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="[default: table on a terminal]")
def list_keys(config: str | None, data_dir: str | None, form: str | None) -> None:
    """List keys by id; the keys themselves are stored nowhere."""
    with told():
        entries = keeper(data_dir_of(config, data_dir)).list()
    now = time.time()
    if resolve_format(form) == "json":
        print_json([_row(entry, now) for entry in entries])
        return
    colours = {"active": "green", "expired": "yellow", "revoked": "red"}
    table = compact("id", "team", "name", "owner", "grants", "created", "expires", "state", whole="id")
    for entry in entries:
        row = _row(entry, now)
        cells = [safe(str(row[column] or "-")) for column in ("id", "team", "name", "owner")]
        cells += [", ".join(row["grants"]) or "-", row["created"][:10], (row["expires"] or "never")[:10]]
        table.add_row(*cells, f"[{colours[row['state']]}]{row['state']}[/]")
    Console().print(table if entries else "no key yet; make one with: gateway keys create --team TEAM")


@command.command()
@store_options
@click.argument("key_id", metavar="ID")
def revoke(config: str | None, data_dir: str | None, key_id: str) -> None:
    """Revoke a key by its id (the middle part of it). Exits 1 if there is none of this id."""
    with told():
        found = keeper(data_dir_of(config, data_dir)).revoke(key_id, now=time.time())
    if not found:
        click.echo(f"there is no key {key_id!r}; see `gateway keys list`", err=True)
        raise SystemExit(NOT_FOUND)
    click.echo(f"revoked {key_id}", err=True)


def _row(entry: KeyEntry, now: float) -> dict[str, Any]:
    return {
        "id": entry.id,
        "team": entry.team,
        "name": entry.name,
        "owner": entry.owner,
        "grants": list(entry.grants),
        "created": _time(entry.created_at),
        "expires": _time(entry.expires_at),
        "revoked": _time(entry.revoked_at),
        "state": _state(entry, now),
    }


def _state(entry: KeyEntry, now: float) -> str:
    if entry.revoked_at is not None:
        return "revoked"
    return "expired" if entry.expires_at is not None and now >= entry.expires_at else "active"


def _time(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
