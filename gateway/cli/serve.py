"""``gateway serve``: run the gateway."""

import sys
from pathlib import Path
from typing import Any

import anyio
import click

from gateway.bootstrap.serve import Started, serve
from gateway.bootstrap.start_error import StartError
from gateway.cli.output import config_option, data_dir_option
from gateway.policy.load.errors import PolicyErrors
from gateway.settings import load


@click.command()
@config_option
@data_dir_option
@click.option("--policies", type=click.Path(), help="Policy files.  [default: policies/]")
@click.option("--host", help="Where the data plane listens.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="0 takes a free one.  [default: 8080]")
@click.option("--admin-host", help="Where the admin plane listens.  [default: 127.0.0.1]")
@click.option("--admin-port", type=int, help="0 takes a free one.  [default: 8081]")
@click.option("--role", type=click.Choice(["all", "edge", "egress"]), help="Which part runs here.  [default: all]")
@click.option("--egress-url", help="Where the egress is, if it runs elsewhere (--role edge).")
@click.option("--workers", type=int, help="Edge processes; more than one need state.url: redis://….  [default: 1]")
@click.option("--lifeline", type=int, hidden=True, help="A pipe; its end of file ends the gateway, as SIGTERM does.")
def command(config: str | None, lifeline: int | None, **flags: Any) -> None:
    """Run the gateway: data plane on :8080, admin plane on :8081, until Ctrl-C or SIGTERM.

    Flags win over GATEWAY_* variables, those over gateway.yaml. A policy that is not valid ends the start with exit
    status 2 and file:line: key: fix for each fault; later on it is refused and the last good one stays in force.
    """
    keys = {
        "policies": "policies",
        "data_dir": "data_dir",
        "host": "listen.host",
        "port": "listen.port",
        "admin_host": "admin.host",
        "admin_port": "admin.port",
        "role": "role",
        "egress_url": "egress.url",
        "workers": "workers",
    }
    try:
        settings = load(Path(config) if config else None, {keys[name]: value for name, value in flags.items()})
        status = anyio.run(serve, settings, _announce, lifeline)
    except (PolicyErrors, StartError) as error:
        click.echo(str(error), err=True)
        status = 2
    sys.exit(status)


def _announce(started: Started) -> None:
    if started.egress:
        text = f"egress http://{started.egress}"
    else:
        text = f"data plane http://{started.data_plane}, admin plane http://{started.admin_plane}"
    click.echo(f"gateway: ready; {text}", err=True)
