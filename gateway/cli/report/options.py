"""What reports and lists of requests are narrowed by: days, and one name in each dimension."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import click

from gateway.reports.span import Span, back, days

NOBODY: Final = "(none)"
"""How reports write an empty name."""
_DIMENSIONS: Final = ("team", "target", "model", "task", "key", "cost-center")


def only_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each dimension."""
    for name in reversed(_DIMENSIONS):
        command = click.option(f"--{name}", metavar="NAME", help=f"Only this {name.replace('-', ' ')}'s.")(command)
    return command


def only_of(names: Mapping[str, str | None]) -> dict[str, str]:
    """Return the dimensions that are narrowed."""
    return {name: "" if value == NOBODY else value for name, value in names.items() if value is not None}


def span_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add options for a first and a last day."""
    command = click.option("--to", "last", metavar="DATE", help="Last day, included.  [default: today]")(command)
    return click.option("--from", "first", metavar="DATE", help="First day, UTC.  [default: the month's first]")(
        command
    )


def span_of(first: str | None, last: str | None, since_s: int | None) -> Span:
    """Return the span that options ask for.

    Raises:
        click.UsageError: they contradict each other, or are no days.
    """
    if since_s is not None and (first or last):
        raise click.UsageError("give either --since or --from and --to")
    if since_s is not None:
        return back(since_s * 1_000_000_000, time.time_ns())
    try:
        return days(first, last, time.time_ns())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
