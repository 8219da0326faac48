"""``gateway policy test``: run the cases of a policy."""

from functools import partial
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.policy import report as policy_report
from gateway.cli.policy.in_force import classified, load, policies_option
from gateway.policy.prove.cases import run_cases

FAILED: Final = 1


@click.command()
@policies_option
@format_option()
@click.option("--filter", "wanted", default="", help="Only cases whose name contains this.")
def test(policies: Path | None, form: str | None, wanted: str) -> None:
    """Run the cases of a policy. Exits 0 if all pass, 1 if one fails, 2 if the policy is broken."""
    snapshot = load(policies)
    outcomes = [outcome for outcome in run_cases(snapshot, partial(classified, snapshot)) if wanted in outcome.name]
    if resolve_format(form) == "json":
        rows = [{"name": one.name, "passed": one.passed, "problems": one.problems, "got": one.got} for one in outcomes]
        failed = sum(not one.passed for one in outcomes)
        print_json({"policy": snapshot.hash, "passed": len(outcomes) - failed, "failed": failed, "cases": rows})
    else:
        policy_report.print_outcomes(snapshot, outcomes)
    if not all(one.passed for one in outcomes):
        raise SystemExit(FAILED)
