"""The policy in files that an option names, and what the commands on policies share."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gateway.cli.output import BROKEN
from gateway.cli.patterns import use_kept_patterns
from gateway.domain.label import Part
from gateway.domain.sensitivity import SensitivitySpec
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.snapshot import PolicySnapshot
from gateway.settings import default_policies

if TYPE_CHECKING:
    from gateway.policy.load.merge import Whole
    from gateway.sensitivity.scan import Scanner

policies_option = click.option(
    "--policies",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Directory of policy files.  [default: ./policies, else the policy that comes with the gateway]",
)


def given_policy(policies: Path | None) -> PolicySnapshot | None:
    """Return the policy in files; None if none are named. If they are invalid, print the faults and exit with 2."""
    return None if policies is None else policy_of(policies)


def policy_of(policies: Path) -> PolicySnapshot:
    """Return the policy in files. If they are invalid, print the faults and exit with 2."""
    try:
        return _compiled(policies)[0]
    except PolicyErrors as error:
        click.echo(str(error), err=True)
        raise SystemExit(BROKEN) from error
    except (OSError, UnicodeDecodeError) as error:
        refuse_unreadable(policies, error, "name a directory of policy files with --policies")


def load(directory: Path | None) -> PolicySnapshot:
    """Read and compile a directory of policies; if it is invalid, print the faults one by one and exit with 2."""
    return load_whole(directory)[0]


def load_whole(directory: Path | None) -> "tuple[PolicySnapshot, Whole]":
    """Read and compile a directory likewise; return the policy with its document, which knows the lines."""
    directory = directory or default_policies()
    try:
        return _compiled(directory)
    except (PolicyErrors, OSError, UnicodeDecodeError) as error:
        refuse(directory, error, "name a directory of policy files with --policies")


def refuse(path: Path, error: PolicyErrors | OSError | UnicodeDecodeError, fix: str) -> NoReturn:
    """Print why a policy cannot be used, and exit with 2."""
    if isinstance(error, PolicyErrors):
        for fault in error.errors:
            place = click.style(f"{fault.file}:{fault.line}:", bold=True)
            click.echo(f"{place} {click.style(fault.key, fg='red')}: {fault.problem}; {fault.fix}", err=True)
        number = len(error.errors)
        click.echo(f"{number} {'fault' if number == 1 else 'faults'} in {path}", err=True)
        raise SystemExit(BROKEN)
    refuse_unreadable(path, error, fix)


def refuse_unreadable(path: Path, error: OSError | UnicodeDecodeError, fix: str) -> NoReturn:
    """Print why a policy cannot be read, and exit with 2."""
    reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
    click.echo(f"{path}: {reason}; {fix}", err=True)
    raise SystemExit(BROKEN) from error


def classified(snapshot: PolicySnapshot, said: str | dict[str, Any]) -> Sequence[Part]:
    """Return the parts of the label of a text or of a request's body as a policy gives it."""
    return _scanner(snapshot.sensitivity).scan({"text": said} if isinstance(said, str) else said).parts


@cache
def _scanner(spec: SensitivitySpec) -> "Scanner":
    """Load the detectors, which few commands need, and make the scanner of a policy."""
    from gateway.sensitivity.scan import scanner_for  # noqa: PLC0415 -- as said

    use_kept_patterns()
    return scanner_for(spec)


def _compiled(policies: Path) -> "tuple[PolicySnapshot, Whole]":
    from gateway.policy.load.compile import compile_whole  # noqa: PLC0415 -- most commands are given no files
    from gateway.pricing.book import PriceBook  # noqa: PLC0415 -- as above
    from gateway.stores.policy.files import read_policies  # noqa: PLC0415 -- as above

    return compile_whole(read_policies(policies), PriceBook.load_bundled())
