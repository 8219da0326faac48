"""``gateway tokens``: who may read the admin plane. A token is shown once, when it is made; stored is its hash."""

import re
import time
from typing import Final

import click

from gateway.cli import credentials
from gateway.cli.output import format_option
from gateway.cli.stores import Duration, data_dir_of, reported_errors, store_options, stores_of
from gateway.domain.access import OF_TEAMS, OWNER, ROLES, Role
from gateway.domain.time_text import utc
from gateway.stores.keys.lookup import new_secret
from gateway.stores.keys.place import token_keeper
from gateway.stores.ledger.actions import Change

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


@click.group()
def command() -> None:
    """Make, list and revoke tokens of the admin plane. A running server follows within 2 seconds."""


@command.command()
@store_options
@click.option("--name", required=True, help="Who uses it; shown in audit records.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may read; see docs/access.md.")
@click.option("--team", "teams", multiple=True, help="A team of the lead; repeat it for more.")
@click.option("--expires", type=Duration(), default="90d", show_default=True, help="How long it is valid.")
def create(
    config: str | None, data_dir: str | None, name: str, role: Role, teams: tuple[str, ...], expires: int
) -> None:
    """Make a token and print it, alone, on stdout. It cannot be shown again.

    \b
    Examples:
      gateway tokens create --name ann --role operator
      gateway tokens create --name bob --role lead --team support --team search --expires 30d
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    _check(name, role, teams)
    now = time.time()
    stores, secret = stores_of(config, data_dir), new_secret("gwa")
    made = {"name": name, "role": role, "teams": sorted(set(teams)), "expires": utc(now + expires)}
    with reported_errors():
        stores.data.ensure()
        with stores.changing(Change("token.create", secret.id, after=credentials.filled(made))):
            token_id, token = token_keeper(stores.data).create(
                name, role, now=now, teams=sorted(set(teams)), expires_at=now + expires, secret=secret
            )
    click.echo(token)
    click.echo(f"token {token_id} of {name}, {role}; keep it now, only its hash is stored", err=True)


@command.command("list")
@store_options
@format_option()
def list_tokens(config: str | None, data_dir: str | None, form: str | None) -> None:
    """List tokens by id; the tokens themselves are stored nowhere."""
    credentials.show(
        lambda: token_keeper(data_dir_of(config, data_dir)),
        form,
        ("id", "name", "role", "teams"),
        "no token yet; make one with: gateway tokens create --name NAME --role ROLE",
    )


@command.command()
@store_options
@click.argument("token_id", metavar="ID")
def revoke(config: str | None, data_dir: str | None, token_id: str) -> None:
    """Revoke a token by its id (the middle part of it). Exits 1 if there is none of this id."""
    stores = stores_of(config, data_dir)
    credentials.revoke(stores, token_keeper(stores.data), "token", token_id)


def _check(name: str, role: Role, teams: tuple[str, ...]) -> None:
    if _NAME.fullmatch(name) is None:
        raise click.UsageError("--name has letters, digits and . _ @ -, at most 64, and begins with a letter or digit")
    if name == OWNER:
        raise click.UsageError(f"--name {OWNER} is the name of the token in the file admin-token; choose another")
    if role == OF_TEAMS and not all(team.strip() for team in teams or ("",)):
        raise click.UsageError("a lead sees only its own teams: name each with --team TEAM")
    if role != OF_TEAMS and teams:
        raise click.UsageError(f"--team is for --role {OF_TEAMS} alone: the role {role} is not narrowed to teams")
