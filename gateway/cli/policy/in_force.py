"""The policy that a report reads prices from: files if they are named, else the newest one in the ledger."""

from pathlib import Path

import click

from gateway.cli.stores import BROKEN
from gateway.policy.load.build import build
from gateway.policy.load.compile import compile_documents
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.snapshot import Snapshot
from gateway.pricing.book import PriceBook
from gateway.stores.policy.files import read_policies


def policy_in_force(policies: Path | None, stored: bytes | None) -> Snapshot | None:
    """Return the policy; None if neither is there. If the files are invalid, print the faults and exit with 2."""
    if policies is not None:
        return policy_of(policies)
    return None if stored is None else build(stored)


def policy_of(policies: Path) -> Snapshot:
    """Return the policy in files. If they are invalid, print the faults and exit with 2."""
    try:
        return compile_documents(read_policies(policies), PriceBook.load_bundled())
    except PolicyErrors as error:
        click.echo(str(error), err=True)
        raise SystemExit(BROKEN) from error
