"""The processes that the supervisor starts; not for people."""

import sys

import anyio
import click

from gateway.bootstrap.child import Handed
from gateway.bootstrap.start_error import reason, report
from gateway.domain.errors import LedgerUnavailable
from gateway.settings import CHILD_SETTINGS
from gateway.settings import handed as handed_settings
from gateway.supervisor import START_ERROR
from gateway.telemetry.logs import LibraryLogs, Log
from gateway.telemetry.unexpected import leaf, where


@click.command(hidden=True)
@click.argument("role", type=click.Choice(["edge", "egress", "ledger", "policy"]))
@click.option("--settings", required=True, envvar=CHILD_SETTINGS)
@click.option("--handed", required=True)
def command(role: str, settings: str, handed: str) -> None:
    """Run one role; called by the supervisor."""
    parsed, hands = handed_settings(settings), Handed.decode(handed)
    LibraryLogs.take_over(Log(role))
    try:
        if role == "edge":
            from gateway.bootstrap.edge import run as run_edge  # noqa: PLC0415 -- a child imports only its own role

            anyio.run(run_edge, parsed, hands, backend_options={"use_uvloop": True})
        elif role == "egress":
            from gateway.bootstrap.egress import run as run_egress  # noqa: PLC0415

            anyio.run(run_egress, parsed, hands, backend_options={"use_uvloop": True})
        elif role == "policy":
            from gateway.bootstrap.look import run as run_look  # noqa: PLC0415

            click.echo(run_look(parsed))
        else:
            from gateway.bootstrap.ledger import run as run_ledger  # noqa: PLC0415

            anyio.run(run_ledger, parsed, hands)
    except Exception as error:  # noqa: BLE001 -- a traceback would quote what the process was working on
        sys.exit(_ended(role, hands, error))


def _ended(role: str, hands: Handed, error: Exception) -> int:
    """Say why the process ended: to the supervisor if it can never start like this, else in the log."""
    text = reason(error)
    if text is not None:
        if not report(hands.run_dir, text):
            click.echo(f"gateway {role}: {text}", err=True)
        return START_ERROR
    found = leaf(error)
    more = {"problem": str(found)} if isinstance(found, LedgerUnavailable) else {}
    Log(role).event("crashed", "error", kind=type(found).__name__, where=where(found), **more)
    return 1
