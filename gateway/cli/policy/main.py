"""``gateway policy``: look a policy over, run its cases, explain a decision. Only ``accept`` needs a data directory."""

from typing import Final

import click

from gateway.cli.group import Lazy, LazyGroup

COMMANDS: Final = {
    "accept": Lazy(
        "gateway.cli.policy.accept",
        "Put a policy into force that is held because it lets more be sent to vendors.",
        "accept",
    ),
    "backtest": Lazy(
        "gateway.cli.policy.backtest",
        "Decide past requests again under a new policy, and show what would have been different.",
        "backtest",
    ),
    "check": Lazy(
        "gateway.cli.policy.check",
        "Check whether a policy is valid, and show what may be sent where and what was never measured.",
        "check",
    ),
    "diff": Lazy(
        "gateway.cli.policy.diff",
        "Compare two policies over all teams, labels and targets: what may now be sent to vendors, by which edit.",
        "diff",
    ),
    "explain": Lazy(
        "gateway.cli.policy.explain",
        "Show where a request would go and why: cost, quality and every drop of each candidate.",
        "explain",
    ),
    "schema": Lazy("gateway.cli.policy.check", "Print the JSON Schema of policy files, for editors.", "schema"),
    "test": Lazy("gateway.cli.policy.cases", "Run the cases of a policy.", "test"),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Check, test, explain, compare and accept policies.

    \b
    Exit codes:
      0  all is well
      1  a case failed (test), the model is unknown (explain)
      2  the policy or the command line is invalid
      3  a change lets more be sent to vendors (diff), or would have sent what stayed local (backtest)
    """  # noqa: D301 -- click's own mark for text that is not to be wrapped
