"""``gateway policy``: look a policy over, run its cases, explain a decision. Nothing here needs a server or a store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from gateway.cli.output import print_json, resolve_format
from gateway.cli.policy import diff as policy_diff
from gateway.cli.policy import report as policy_report
from gateway.cli.policy.backtest import backtest
from gateway.cli.policy.in_force import refuse_unreadable
from gateway.cli.policy.request import facts_of_request
from gateway.domain.errors import InvalidRequest, ModelNotFound
from gateway.domain.target import DIALECTS
from gateway.policy.document.checks import Given
from gateway.policy.load.compile import compile_documents
from gateway.policy.load.errors import PolicyErrors
from gateway.policy.load.schema import json_schema
from gateway.policy.prove.cases import Classify, facts_of, run_cases
from gateway.policy.replay.explain import explain as explain_decision
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook
from gateway.sensitivity.scan import scanner_for
from gateway.settings import default_policies
from gateway.stores.policy.files import read_policies

FAILED: Final = 1
BROKEN: Final = 2
WIDENS: Final = 3
LEVELS: Final = ("public", "internal", "confidential", "restricted")

Command = Callable[..., None]

policies_option = click.option(
    "--policies",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Directory of policy files.  [default: ./policies, else the policy that comes with the gateway]",
)
format_option = click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)


@click.group()
def command() -> None:
    """Check, test, explain and compare policies.

    \b
    Exit codes:
      0  all is well
      1  a case failed (test), the model is unknown (explain)
      2  the policy or the command line is invalid
      3  a change lets more be sent to vendors (diff), or would have sent what stayed local (backtest)
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped


def load(directory: Path | None) -> PolicySnapshot:
    """Read and compile a directory of policies; if it is invalid, print the faults and exit with 2."""
    directory = directory or default_policies()
    try:
        return compile_documents(read_policies(directory), PriceBook.load_bundled())
    except (PolicyErrors, OSError, UnicodeDecodeError) as error:
        _refuse(directory, error, "name a directory of policy files with --policies")


def _refuse(path: Path, error: PolicyErrors | OSError | UnicodeDecodeError, fix: str) -> NoReturn:
    """Print why a policy cannot be used, and exit with 2."""
    if isinstance(error, PolicyErrors):
        for fault in error.errors:
            place = click.style(f"{fault.file}:{fault.line}:", bold=True)
            click.echo(f"{place} {click.style(fault.key, fg='red')}: {fault.problem}; {fault.fix}", err=True)
        number = len(error.errors)
        click.echo(f"{number} {'fault' if number == 1 else 'faults'} in {path}", err=True)
        raise SystemExit(BROKEN)
    refuse_unreadable(path, error, fix)


@command.command()
@policies_option
@format_option
def check(policies: Path | None, form: str | None) -> None:
    """Check whether a policy is valid, and show what may be sent where and what was never measured.

    Exits 0 if the policy is valid, else 2; then every fault is on stderr as file:line: key: problem; fix.
    """
    snapshot = load(policies)
    if resolve_format(form) == "json":
        print_json(policy_report.as_json(snapshot))
    else:
        policy_report.print_tables(snapshot)


@command.command()
@policies_option
@format_option
@click.option("--filter", "wanted", default="", help="Only cases whose name contains this.")
def test(policies: Path | None, form: str | None, wanted: str) -> None:
    """Run the cases of a policy. Exits 0 if all pass, 1 if one fails, 2 if the policy is broken."""
    snapshot = load(policies)
    outcomes = [outcome for outcome in run_cases(snapshot, _classifier(snapshot)) if wanted in outcome.name]
    if resolve_format(form) == "json":
        rows = [{"name": one.name, "passed": one.passed, "problems": one.problems, "got": one.got} for one in outcomes]
        failed = sum(not one.passed for one in outcomes)
        print_json({"policy": snapshot.hash, "passed": len(outcomes) - failed, "failed": failed, "cases": rows})
    else:
        policy_report.print_outcomes(snapshot, outcomes)
    if not all(one.passed for one in outcomes):
        raise SystemExit(FAILED)


@command.command()
@click.argument("request_file", type=click.File("rb"), required=False)
@policies_option
@format_option
@click.option("--text", default=None, help="Text of the request, instead of a file.")
@click.option("--team", default=None, help="The team that asks.  [default: the first team of the policy]")
@click.option("--model", default=None, help="Model to ask for.  [default: the file's, else the policy's first]")
@click.option("--class", "data_class", type=click.Choice(LEVELS), default=None, help="Raises the data class.")
@click.option("--task", default=None, help="The task, as in x-gateway-task.")
@click.option("--dialect", type=click.Choice(DIALECTS), default="openai.chat", show_default=True)
@click.option("--session", default="", help="Session id; it decides whether a rollout applies.")
def explain(  # noqa: PLR0917 -- click hands options over by name
    request_file: Any,
    policies: Path | None,
    form: str | None,
    text: str | None,
    team: str | None,
    model: str | None,
    data_class: Any,
    task: str | None,
    dialect: str,
    session: str,
) -> None:
    """Show where a request would go and why: cost, quality and every drop of each candidate. Nothing is sent.

    REQUEST_FILE is the JSON body of a request in either dialect (- reads stdin); or give --text.
    """
    if (request_file is None) == (text is None):
        raise click.UsageError("give either REQUEST_FILE or --text")
    snapshot = load(policies)
    team = team or next(iter(snapshot.teams), "nobody")
    if team not in snapshot.teams:
        raise click.UsageError(f"the policy has no team '{team}'; it has: {', '.join(snapshot.teams)}")
    try:
        if request_file is not None:
            headers = {"x-gateway-data-class": data_class, "x-gateway-task": task, "x-gateway-session": session}
            facts = facts_of_request(
                request_file.read(),
                snapshot,
                team=team,
                model=model,
                dialect=dialect,
                headers={name: value for name, value in headers.items() if value},
            )
        else:
            given: dict[str, Any] = {"text": text or "", "team": team, "task": task, "dialect": dialect}
            given |= {"class": data_class, "session": session, "model": model or next(iter(snapshot.models), "")}
            facts = facts_of(snapshot, Given.model_validate(given), _classifier(snapshot))
        explained = explain_decision(snapshot, facts)
    except InvalidRequest as error:
        raise click.UsageError(f"REQUEST_FILE: {error.message}") from error
    except ModelNotFound as error:
        names = ", ".join([*snapshot.models, *(pattern.name for pattern in snapshot.patterns)])
        click.echo(f"{error.message}; the policy has: {names}", err=True)
        raise SystemExit(FAILED) from error
    if resolve_format(form) == "json":
        print_json(explained)
    else:
        policy_report.print_explanation(explained)


@command.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    print_json(json_schema())


@command.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["markdown", "table", "json"]), default=None)
def diff(old: Path, new: Path, form: str | None) -> None:
    """Compare two policies over all teams, labels and targets: what may now be sent to vendors, by which edit.

    OLD and NEW are directories of policy files, or single files. Each change WIDENS, NARROWS, MOVES or is about COST.
    Exits 0 if no change widens, 3 if one does, 2 if a policy cannot be loaded.
    """
    prices = PriceBook.load_bundled()
    sides = []
    for path in (old, new):
        try:
            sides.append(policy_diff.side(path, prices))
        except (PolicyErrors, OSError, UnicodeDecodeError) as error:
            _refuse(path, error, "name a policy file or a directory of them")
    result = policy_diff.compared(*sides)
    asked = resolve_format(form)
    if asked == "json":
        print_json(policy_diff.as_json(result))
    elif asked == "markdown":
        click.echo(policy_diff.markdown(result), nl=False)
    else:
        policy_diff.print_lines(result)
    if result.widens:
        raise SystemExit(WIDENS)


command.add_command(backtest)


def _classifier(snapshot: PolicySnapshot) -> Classify:
    return lambda text: scanner_for(snapshot.sensitivity).scan({"text": text}).parts
