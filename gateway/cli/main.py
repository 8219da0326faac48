"""The ``gateway`` command: groups are imported when they are called, so that ``--help`` and children start fast."""

import importlib
import sys
from typing import Final

import click

COMMANDS: Final[dict[str, str]] = {
    "demo": "gateway.cli.demo",
    "serve": "gateway.cli.serve",
    "policy": "gateway.cli.policy.main",
    "report": "gateway.cli.report.main",
    "decisions": "gateway.cli.decisions.main",
    "keys": "gateway.cli.keys",
    "tokens": "gateway.cli.tokens",
    "audit": "gateway.cli.audit",
    "sensitivity": "gateway.cli.sensitivity.main",
    "ledger": "gateway.cli.ledger.main",
    "egress": "gateway.cli.egress",
    "sandbox": "gateway.cli.sandbox",
    "child": "gateway.cli.child",
}
"""Command → module that holds it under the name ``command``."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the commands that users may call; ``child`` is the supervisor's own."""
        return [name for name in COMMANDS if name != "child"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command; None if there is none of this name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(module).command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gateway", prog_name="gateway")
def cli() -> None:
    """One endpoint for a company's LLM traffic: a policy decides, and every choice is explained and recorded."""


def main() -> None:
    """Run the command line."""
    sys.exit(cli(standalone_mode=True))
