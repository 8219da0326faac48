"""The ``gateway`` command."""

import sys
from typing import Final

import click

from gateway.cli.group import Lazy, LazyGroup

COMMANDS: Final = {
    "demo": Lazy(
        "gateway.cli.demo", "Run a demo: four teams, simulated vendors, decisions with reasons, cost per team."
    ),
    "serve": Lazy(
        "gateway.cli.serve", "Run the gateway: data plane on :8080, admin plane on :8081, until Ctrl-C or SIGTERM."
    ),
    "policy": Lazy("gateway.cli.policy.main", "Check, test, explain, compare and accept policies."),
    "report": Lazy("gateway.cli.report.main", "Reports from the ledger."),
    "decisions": Lazy("gateway.cli.decisions.main", "Look decisions up and replay them."),
    "sessions": Lazy("gateway.cli.sessions", "Show what a conversation carries and why, and have it forgotten."),
    "keys": Lazy("gateway.cli.keys", "Make, list and revoke API keys."),
    "tokens": Lazy("gateway.cli.tokens", "Make, list and revoke tokens of the admin plane."),
    "audit": Lazy(
        "gateway.cli.audit",
        "Who changed what, on the command line or the admin plane: keys, tokens, booked corrections.",
    ),
    "sensitivity": Lazy(
        "gateway.cli.sensitivity.main",
        "Measure the detectors, list disputed findings, and prepare values for exceptions.",
    ),
    "ledger": Lazy("gateway.cli.ledger.main", "The durable record of decisions, attempts, usage and cost."),
    "egress": Lazy("gateway.cli.egress", "Show what was sent to vendors, from the egress's own record."),
    "sandbox": Lazy("gateway.cli.sandbox", "Run a stand-in for SGLang, OpenAI or Anthropic."),
    "child": Lazy("gateway.cli.child", ""),  # the supervisor's own
}


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gateway", prog_name="gateway")
def cli() -> None:
    """One endpoint for a company's LLM traffic: a policy decides, and every choice is explained and recorded."""


def main() -> None:
    """Run the command line."""
    sys.exit(cli(standalone_mode=True))
