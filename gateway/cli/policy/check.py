"""``gateway policy check`` and ``schema``: is it valid, what may be sent where, and how is it written."""

import sys
import time
from pathlib import Path

import click

from gateway.cli.output import BROKEN, config_option, data_dir_option, format_option, print_json, resolve_format
from gateway.cli.policy import report as policy_report
from gateway.cli.policy.in_force import load_whole, policies_option, refuse
from gateway.policy.load.errors import PolicyErrors
from gateway.settings import default_policies


@click.command()
@policies_option
@config_option
@data_dir_option
@click.option("--strict", is_flag=True, help="Take every warning for an error; for CI.")
@format_option()
def check(policies: Path | None, config: str | None, data_dir: str | None, form: str | None, *, strict: bool) -> None:
    """Check whether a policy is valid, and show what may be sent where and what was never measured.

    Exits 0 if the policy is valid, else 2; then every fault is on stderr as file:line: key: problem; fix. In a pipe,
    the verdict is the last line on stderr.

    What is valid and most likely a mistake is a warning: a name that nothing defines, rollouts over 100 %, an exception
    that has ended, a target that no model names. Ids of API keys are looked at only with --config or --data-dir, which
    say where the keys are.
    """
    from gateway.policy.lint.warnings import warnings_of  # noqa: PLC0415 -- the schema needs none

    snapshot, whole = load_whole(policies)
    keys = _keys(config, data_dir) if config is not None or data_dir is not None else None
    warnings = warnings_of(whole, snapshot, int(time.time()), keys)
    if strict and warnings:
        refuse(policies or default_policies(), PolicyErrors(warnings), "")
    if resolve_format(form) == "json":
        print_json(policy_report.as_json(snapshot, warnings))
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
    else:
        policy_report.print_tables(snapshot, warnings)
    if not sys.stdout.isatty():
        click.echo(f"policy {snapshot.hash} is valid: {policy_report.counts(snapshot, warnings)}", err=True)


def _keys(config: str | None, data_dir: str | None) -> frozenset[str]:
    """Return the ids of all API keys that are not revoked; exits with 2 where there are none to read."""
    from gateway.cli.stores import reported_errors, stores_of  # noqa: PLC0415 -- only where keys are at hand
    from gateway.stores.data_dir import SQLITE  # noqa: PLC0415 -- as above
    from gateway.stores.keys.file import listed  # noqa: PLC0415 -- as above
    from gateway.stores.keys.place import keeper  # noqa: PLC0415 -- as above

    stores = stores_of(config, data_dir)
    if stores.keys_file is not None:
        try:
            return frozenset(str(row["id"]) for row in listed(stores.keys_file))
        except PolicyErrors as error:
            refuse(stores.keys_file, error, "")
    if stores.data.ledger_url == SQLITE and not stores.data.keys.exists():
        click.echo(f"there are no API keys in {stores.data.path}; name the gateway's data directory", err=True)
        raise SystemExit(BROKEN)
    now = time.time()
    with reported_errors():
        return frozenset(key.id for key in keeper(stores.data).list() if key.state(now) != "revoked")


@click.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from gateway.policy.load.schema import json_schema  # noqa: PLC0415 -- a check needs none

    print_json(json_schema())
