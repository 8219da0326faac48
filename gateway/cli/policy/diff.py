"""``gateway policy diff``: lines for people, tables for pull requests, JSON for pipelines."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.output import format_option, print_json, resolve_format
from gateway.cli.policy.in_force import refuse
from gateway.policy.diff.change import Kind, PolicyChange
from gateway.policy.diff.compare import Diff, Side, compare, side_of
from gateway.policy.diff.form import Defaults
from gateway.policy.load.errors import PolicyErrors
from gateway.pricing.book import PriceBook
from gateway.reports.costs import printable
from gateway.sensitivity.detectors import DETECTORS
from gateway.stores.policy.files import read_policies

_COLOURS: Final = {Kind.WIDENS: "red", Kind.NARROWS: "green", Kind.MOVES: "cyan", Kind.COST: "yellow"}
_MEANINGS: Final = {
    Kind.WIDENS: "may now be sent to a vendor, is no longer detected, or is no longer proved to stay local",
    Kind.NARROWS: "may no longer be sent",
    Kind.MOVES: "is sent to other permitted targets",
    Kind.COST: "costs something else, or is charged elsewhere",
}
WIDENS: Final = 3
_NOBODY: Final = "-"
_NAMED: Final = 4
"""So many teams or targets are named, the rest is counted."""


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@format_option("markdown")
def diff(old: Path, new: Path, form: str | None) -> None:
    """Compare two policies over all teams, labels and targets: what may now be sent to vendors, by which edit.

    OLD and NEW are directories of policy files, or single files. Each change WIDENS, NARROWS, MOVES or is about COST.
    Exits 0 if no change widens, 3 if one does, 2 if a policy cannot be loaded.
    """
    prices = PriceBook.load_bundled()
    sides = []
    for path in (old, new):
        try:
            sides.append(side(path, prices))
        except (PolicyErrors, OSError, UnicodeDecodeError) as error:
            refuse(path, error, "name a policy file or a directory of them")
    result = compared(*sides)
    asked = resolve_format(form)
    if asked == "json":
        print_json(as_json(result))
    elif asked == "markdown":
        click.echo(markdown(result), nl=False)
    else:
        print_lines(result)
    if result.widens:
        raise SystemExit(WIDENS)


def side(path: Path, prices: PriceBook) -> Side:
    """Read and compile one side: a directory of policy files, or one file.

    Raises:
        OSError: it cannot be read. UnicodeDecodeError: likewise. PolicyErrors: it is not a valid policy.
    """
    if path.is_dir():
        files = [(str(path / name), text) for name, text in read_policies(path)]
    else:
        files = [(str(path), path.read_text(encoding="utf-8-sig"))]
    return side_of(files, prices)


def compared(old: Side, new: Side) -> Diff:
    """Compare two policies over the detectors of this release."""
    defaults: Defaults = {one.kind: (one.data_class, one.min_distinct, one.likely_class) for one in DETECTORS}
    return compare(old, new, defaults)


def as_json(diff: Diff) -> dict[str, Any]:
    """Return a diff as data; its keys are a contract with pipelines."""
    return {
        "old": diff.old,
        "new": diff.new,
        "widens": diff.widens,
        "counts": {str(kind): len(_of(diff, kind)) for kind in Kind},
        "changes": [change.as_json() for change in diff.changes],
    }


def print_lines(diff: Diff) -> None:
    """Print a diff for people at a terminal."""
    for change in diff.changes:
        word = click.style(f"{change.kind:<8}", fg=_COLOURS[change.kind], bold=True)
        click.echo(f"{word}{printable(_about(change))}  {printable(_where(change))}")
        click.echo(f"{'':8}{click.style(printable(change.effect.what), dim=True)}")
    click.secho(f"{_verdict(diff)} ({diff.old} → {diff.new})", fg="red" if diff.widens else "green")


def markdown(diff: Diff) -> str:
    """Return a diff as a comment on a pull request."""
    return "\n".join(_markdown(diff)) + "\n"


def _markdown(diff: Diff) -> Iterator[str]:
    yield f"## Policy: {_verdict(diff)}"
    yield ""
    yield f"`{diff.old}` → `{diff.new}`"
    for kind in Kind:
        changes = _of(diff, kind)
        if not changes:
            continue
        yield ""
        yield f"### {kind} ({len(changes)}): what {_MEANINGS[kind]}"
        yield ""
        yield "| team | label | target | change | where |"
        yield "|---|---|---|---|---|"
        for change in changes:
            cells = (*_cells(change), change.effect.what, _where(change))
            yield "| " + " | ".join(_code(cell) for cell in cells) + " |"


def _verdict(diff: Diff) -> str:
    if not diff.changes:
        return "no change"
    counts = ", ".join(f"{len(_of(diff, kind))} {kind}" for kind in Kind if _of(diff, kind))
    return f"{counts}; {'check it: more may be sent to vendors' if diff.widens else 'nothing widens'}"


def _of(diff: Diff, kind: Kind) -> list[PolicyChange]:
    return [change for change in diff.changes if change.kind is kind]


def _about(change: PolicyChange) -> str:
    team, label, target = ("" if cell == _NOBODY else cell for cell in _cells(change))
    who = f"{team}: {label}" if team and label else team or label
    return f"{who} → {target}" if who and target else who or target


def _cells(change: PolicyChange) -> tuple[str, str, str]:
    effect = change.effect
    everyone = "all" if change.kind in {Kind.WIDENS, Kind.NARROWS} else _NOBODY
    return _some(effect.teams) or everyone, effect.label or everyone, _some(effect.targets) or everyone


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _where(change: PolicyChange) -> str:
    place = change.place
    return f"{place.file}:{place.line} {place.key}" + (" (removed)" if place.side == "old" else "")


def _code(text: str) -> str:
    """Return text as a cell with markup, mentions and links escaped."""
    return "`" + printable(text).replace("`", "'").replace("|", "\\|") + "`"
