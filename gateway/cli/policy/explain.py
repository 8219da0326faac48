"""``gateway policy explain``: where a request would go, and why."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.policy import report as policy_report
from gateway.cli.policy.in_force import classified, load, policies_option
from gateway.cli.policy.request import facts_of_request
from gateway.domain.errors import InvalidRequest, ModelNotFound
from gateway.domain.target import DIALECTS
from gateway.policy.document.checks import Given
from gateway.policy.prove.cases import facts_of
from gateway.policy.replay.explain import explain as explain_decision

FAILED: Final = 1
LEVELS: Final = ("public", "internal", "confidential", "restricted")


@click.command()
@click.argument("request_file", type=click.File("rb"), required=False)
@policies_option
@format_option()
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
            facts = facts_of(snapshot, Given.model_validate(given), partial(classified, snapshot))
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
