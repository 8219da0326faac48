"""The policy in files that an option names."""

from pathlib import Path
from typing import NoReturn

import click

from gateway.cli.stores import BROKEN
from gateway.policy.load.compile import compile_documents
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook
from gateway.stores.policy.files import read_policies


def given_policy(policies: Path | None) -> PolicySnapshot | None:
    """Return the policy in files; None if none are named. If they are invalid, print the faults and exit with 2."""
    return None if policies is None else policy_of(policies)


def policy_of(policies: Path) -> PolicySnapshot:
    """Return the policy in files. If they are invalid, print the faults and exit with 2."""
    try:
        return compile_documents(read_policies(policies), PriceBook.load_bundled())
    except PolicyErrors as error:
        click.echo(str(error), err=True)
        raise SystemExit(BROKEN) from error
    except (OSError, UnicodeDecodeError) as error:
        refuse_unreadable(policies, error, "name a directory of policy files with --policies")


def refuse_unreadable(path: Path, error: OSError | UnicodeDecodeError, fix: str) -> NoReturn:
    """Print why a policy cannot be read, and exit with 2."""
    reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
    click.echo(f"{path}: {reason}; {fix}", err=True)
    raise SystemExit(BROKEN) from error
