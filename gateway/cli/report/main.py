"""``gateway report``: what the ledger knows, as tables and files."""

from typing import Final

import click

from gateway.cli.group import Lazy, LazyGroup

COMMANDS: Final = {
    "commitments": Lazy(
        "gateway.cli.report.commitments",
        "Show how much of each commitment is used, remaining or expired, and the overage of covered calls.",
        "commitments",
    ),
    "costs": Lazy(
        "gateway.cli.report.costs",
        "Show spend, reference cost and savings, the share served locally, budgets and forecasts.",
        "costs",
    ),
    "gpu": Lazy("gateway.cli.report.gpu", "Show the true price of local tokens by target and hour.", "gpu"),
    "migration": Lazy(
        "gateway.cli.report.migration",
        "Show spend at vendors by team and task, how much of it local targets could serve, and what prevents the rest.",
        "migration",
    ),
    "sensitivity": Lazy(
        "gateway.cli.report.sensitivity",
        "Show what was masked, moved and refused for what it held, and what enforcing would have done.",
        "sensitivity",
    ),
    "variance": Lazy(
        "gateway.cli.report.variance",
        "Explain the difference in spend between two periods: volume, mix, cache, price.",
        "variance",
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Reports from the ledger."""
