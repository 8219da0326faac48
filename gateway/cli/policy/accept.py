"""``gateway policy accept``: permit one policy that widens, with who permitted it and why."""

import re
import time

import click

from gateway.cli.output import BROKEN
from gateway.cli.stores import reported_errors, store_options, stores_of
from gateway.stores.data_dir import SQLITE
from gateway.stores.ledger.accepts import ACCEPT
from gateway.stores.ledger.actions import Change
from gateway.stores.policy.kept import KeptPolicy


@click.command()
@store_options
@click.argument("policy", metavar="HASH")
@click.option("--reason", required=True, help="Why it may come into force, for the audit log.")
def accept(config: str | None, data_dir: str | None, policy: str, reason: str) -> None:
    """Put a policy into force that is held because it lets more be sent to vendors.

    HASH is the one that the event `policy_held` names: the policy's own, or another one if its invariants prove less.
    After another edit the files have another hash, and are held again. Where the ledger is in PostgreSQL, one accept
    holds for all hosts that share it.

    \b
    Example:
      gateway policy accept 6cbb8ab3ed96cc4d --reason "CHG-1204, reviewed by ann"
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
    if not re.fullmatch(r"[0-9a-f]{16}", policy):
        click.echo(f"'{policy}' is not the hash of a policy: 16 hex digits, as `gateway policy check` prints", err=True)
        raise SystemExit(BROKEN)
    if not reason.strip():
        raise click.UsageError("--reason is empty")
    stores = stores_of(config, data_dir)
    with reported_errors():
        stores.data.ensure()
        with stores.changing(Change(ACCEPT, policy, after={"reason": reason})):
            kept = KeptPolicy(stores.data.policy)
            kept.accept(policy, by=stores.actor.name, reason=reason, at_ns=time.time_ns())
    who = "a running gateway takes it" if stores.data.ledger_url == SQLITE else "all gateways of this ledger take it"
    click.echo(f"policy {policy} may come into force; {who} within seconds", err=True)
