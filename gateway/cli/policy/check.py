"""``gateway policy check`` and ``schema``: is it valid, what may be sent where, and how is it written."""

import sys
from pathlib import Path

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.policy import report as policy_report
from gateway.cli.policy.in_force import load, policies_option


@click.command()
@policies_option
@format_option()
def check(policies: Path | None, form: str | None) -> None:
    """Check whether a policy is valid, and show what may be sent where and what was never measured.

    Exits 0 if the policy is valid, else 2; then every fault is on stderr as file:line: key: problem; fix. In a pipe,
    the verdict is the last line on stderr.
    """
    snapshot = load(policies)
    if resolve_format(form) == "json":
        print_json(policy_report.as_json(snapshot))
    else:
        policy_report.print_tables(snapshot)
    if not sys.stdout.isatty():
        click.echo(f"policy {snapshot.hash} is valid: {policy_report.counts(snapshot)}", err=True)


@click.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from gateway.policy.load.schema import json_schema  # noqa: PLC0415 -- a check needs none

    print_json(json_schema())
