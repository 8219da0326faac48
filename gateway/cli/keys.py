"""``gateway keys``: who may call. A key is shown once, when it is made; stored is its hash."""

import time

import click

from gateway.cli import credentials
from gateway.cli.output import format_option
from gateway.cli.stores import Duration, data_dir_of, reported_errors, store_options, stores_of
from gateway.domain.time_text import utc
from gateway.stores.keys.keys import GRANTS
from gateway.stores.keys.lookup import digest_of, new_secret
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
    credentials.show(
        lambda: keeper(data_dir_of(config, data_dir)),
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
    credentials.revoke(stores, keeper(stores.data), "key", key_id)
