"""``gateway ledger``: check, correct and shorten the durable record."""

from typing import Final

import click

from gateway.cli.group import Lazy, LazyGroup

COMMANDS: Final = {
    "prune": Lazy(
        "gateway.cli.ledger.prune",
        "Remove requests that arrived before a day: their decisions, attempts and receipts.",
        "prune",
    ),
    "reconcile": Lazy(
        "gateway.cli.ledger.reconcile",
        "Compare what a vendor charges with the ledger, by day and model, and explain the difference.",
        "reconcile",
    ),
    "rerate": Lazy(
        "gateway.cli.ledger.rerate", "Re-price a period, and book the differences as adjustments.", "rerate"
    ),
    "verify": Lazy(
        "gateway.cli.ledger.verify",
        "Check that each attempt is settled exactly once, each sum is right and nothing is damaged.",
        "verify",
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """The durable record of decisions, attempts, usage and cost."""
