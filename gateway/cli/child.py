"""The processes that the supervisor starts; not for people."""

import sys

import anyio
import click

from gateway.bootstrap.child import Handed
from gateway.policy.load.errors import PolicyErrors
from gateway.settings import CHILD_SETTINGS, Settings


@click.command(hidden=True)
@click.argument("role", type=click.Choice(["edge", "egress", "ledger"]))
@click.option("--settings", required=True, envvar=CHILD_SETTINGS)
@click.option("--handed", required=True)
def command(role: str, settings: str, handed: str) -> None:
    """Run one role; called by the supervisor."""
    parsed, hands = Settings.model_validate_json(settings), Handed.decode(handed)
    try:
        if role == "edge":
            from gateway.bootstrap.edge import run as run_edge  # noqa: PLC0415 -- a child imports only its own role

            anyio.run(run_edge, parsed, hands, backend_options={"use_uvloop": True})
        elif role == "egress":
            from gateway.bootstrap.egress import run as run_egress  # noqa: PLC0415

            anyio.run(run_egress, parsed, hands, backend_options={"use_uvloop": True})
        else:
            from gateway.bootstrap.ledger import run as run_ledger  # noqa: PLC0415

            anyio.run(run_ledger, parsed, hands)
    except (PolicyErrors, ValueError) as error:
        click.echo(f"gateway {role}: {error}", err=True)
        sys.exit(2)
