"""How ``gateway policy`` prints: the egress matrix, notices, cases and explanations."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, get_args

import click

from gateway.cli.output import print_table
from gateway.cli.tables import safe
from gateway.domain.chain import AttemptKind
from gateway.domain.label import DataClass
from gateway.policy.load.errors import PolicyError
from gateway.policy.prove.cases import CaseOutcome
from gateway.policy.prove.masked import masked_matrix
from gateway.policy.prove.matrix import MatrixCell, egress_matrix
from gateway.policy.snapshot import PolicySnapshot

_COLOURS: Final = {"warning": "yellow", "no evidence": "cyan", "exception": "magenta"}


def as_json(snapshot: PolicySnapshot, warnings: Sequence[PolicyError]) -> dict[str, Any]:
    """Return the result of ``check``."""
    return {
        "ok": True,
        "policy": snapshot.hash,
        "targets": len(snapshot.targets),
        "models": len(snapshot.models) + len(snapshot.patterns),
        "teams": len(snapshot.teams),
        "cases": len(snapshot.cases),
        "invariants": [invariant.name for invariant in snapshot.invariants],
        "egress": [
            {
                "team": cell.team,
                "target": cell.target,
                "data_class": cell.data_class.word,
                "categories": sorted(str(category) for category in cell.categories),
                "may_leave": cell.rule is None,
                "rule": cell.rule,
                "exception": cell.exception or None,
            }
            for cell in egress_matrix(snapshot)
        ],
        "attempt_kinds": list(get_args(AttemptKind)),
        "masked": {
            target.id: sorted(target.clearance.mask)
            for _, target in sorted(snapshot.targets.items())
            if target.clearance.mask
        },
        "findings": [
            {"team": cell.team, "target": cell.target, "kind": cell.kind, "way": cell.way, "rule": cell.rule or None}
            for cell in masked_matrix(snapshot)
        ],
        "notices": [
            *({"kind": item.kind, "where": item.where, "text": item.text} for item in snapshot.notices if not item.fix),
            *(_placed(warning) for warning in warnings),
        ],
    }


def _placed(warning: PolicyError) -> dict[str, Any]:
    place = {"file": warning.file, "line": warning.line, "key": warning.key}
    where = f"{warning.file}:{warning.line}: {warning.key}"
    return {"kind": "warning", "where": where, "text": warning.problem, "fix": warning.fix, **place}


def print_tables(snapshot: PolicySnapshot, warnings: Sequence[PolicyError]) -> None:
    """Print what ``check`` found, for people."""
    click.secho(f"policy {snapshot.hash} is sound", fg="green")
    click.echo(counts(snapshot, warnings))
    cells = list(egress_matrix(snapshot))
    rows = _matrix_rows(cells)
    if rows:
        columns = ["team", "target", *(level.word for level in DataClass), "never with"]
        print_table("Which labels may be sent to which closed target, and which rule forbids the rest", columns, rows)
        click.echo("This holds for attempts of every kind: " + ", ".join(get_args(AttemptKind)))
        if any(cell.exception for cell in cells):
            click.echo("* by an exception, while it lasts (see below)")
        if snapshot.masks:
            columns = ["teams", "targets", "as it is", "masked", "never"]
            print_table("Which findings may be sent to which closed target, and how", columns, _finding_rows(snapshot))
    else:
        click.echo("nothing may be sent to a vendor: the policy has no closed target, or no team")
    for notice in snapshot.notices:
        if not notice.fix:
            click.echo(f"{click.style(notice.kind, fg=_COLOURS[notice.kind])}: {notice.where}: {notice.text}")
    for warning in warnings:
        click.echo(f"{click.style('warning', fg=_COLOURS['warning'])}: {warning}")


def counts(snapshot: PolicySnapshot, warnings: Sequence[PolicyError]) -> str:
    """Return how much of everything there is; of warnings only if there are any."""
    numbers = (len(snapshot.targets), len(snapshot.models) + len(snapshot.patterns), len(snapshot.teams))
    return (
        f"{numbers[0]} targets, {numbers[1]} models, {numbers[2]} teams, {len(snapshot.cases)} cases, "
        f"{len(snapshot.invariants)} invariants proved"
        + (f", {len(warnings)} {'warning' if len(warnings) == 1 else 'warnings'}" if warnings else "")
    )


def _matrix_rows(cells: Sequence[MatrixCell]) -> list[list[str]]:
    """Return a row a team and target: what happens to each level, and the categories that close it further."""
    rows = []
    ordered = sorted(cells, key=lambda cell: (cell.team, cell.target))
    for (team, target), group in groupby(ordered, key=lambda cell: (cell.team, cell.target)):
        inside = list(group)
        fates = {(cell.data_class, cell.categories): cell.rule for cell in inside}
        starred = {cell.data_class for cell in inside if cell.exception}
        levels = [fates[level, frozenset()] for level in DataClass]
        closing = {
            str(category)
            for (level, categories), rule in fates.items()
            for category in categories
            if rule is not None and fates[level, frozenset()] is None
        }
        shown = [
            ("[green]yes[/]" if rule is None else f"[red]{safe(rule)}[/]")
            + ("[yellow]*[/]" if level in starred else "")
            for level, rule in zip(DataClass, levels, strict=True)
        ]
        rows.append([safe(team), safe(target), *shown, ", ".join(sorted(closing)) or "-"])
    return rows


def _finding_rows(snapshot: PolicySnapshot) -> list[list[str]]:
    """Return kinds of findings by the way in which they may be sent, a row for all teams and targets that are alike."""
    targets: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    ordered = sorted(masked_matrix(snapshot), key=lambda cell: (cell.team, cell.target))
    for (team, target), group in groupby(ordered, key=lambda cell: (cell.team, cell.target)):
        ways: dict[str, list[str]] = {"as it is": [], "masked": [], "never": []}
        for cell in group:
            ways[cell.way].append(cell.kind)
        targets.setdefault((team, tuple([", ".join(kinds) for kinds in ways.values()])), []).append(target)
    teams: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (team, kinds), names in targets.items():
        teams.setdefault((", ".join(names), kinds), []).append(team)
    return [
        [safe(", ".join(some)), safe(names), *(safe(one) or "-" for one in kinds)]
        for (names, kinds), some in teams.items()
    ]


def print_outcomes(snapshot: PolicySnapshot, outcomes: Sequence[CaseOutcome]) -> None:
    """Print how the cases came out."""
    rows = [
        [
            safe(one.name),
            "[green]pass[/]" if one.passed else "[red]FAIL[/]",
            safe("; ".join(one.problems) or _went(one.got)),
        ]
        for one in outcomes
    ]
    if rows:
        print_table(f"policy {snapshot.hash}", ["case", "", "why"], rows)
    failed = sum(not one.passed for one in outcomes)
    click.secho(f"{len(outcomes) - failed} passed, {failed} failed", fg="red" if failed else "green")


def _went(got: dict[str, Any]) -> str:
    if got["error"] is not None:
        return str(got["error"])
    return f"{got['target']} ({got['reason']})"


def print_explanation(explained: dict[str, Any]) -> None:
    """Print a decision with its reasons."""
    categories = ", ".join(explained["categories"])
    label = f"{explained['data_class']}{f' ({categories})' if categories else ''}"
    click.echo(f"model {explained['model']}, team {explained['team']}, task {explained['task']}, label {label}")
    if explained["target"] is None:
        click.secho("no permitted route", fg="red")
    else:
        rule = f", rule {explained['rule']}" if explained["rule"] else ""
        click.secho(f"{explained['target']} ({explained['reason']}{rule})", fg="green")
    rows = [_candidate_row(place, candidate) for place, candidate in enumerate(explained["candidates"], start=1)]
    print_table(
        f"policy {explained['policy']}", ["", "target", "zone", "expected $", "hold $", "quality#", "why"], rows
    )


def _candidate_row(place: int, candidate: dict[str, Any]) -> list[str]:
    drops = "; ".join(f"{drop['rule']}: {drop['detail']}" for drop in candidate["drops"])
    observed = " (observed only)" if drops and candidate["permitted"] else ""
    return [
        f"[green]{place}[/]" if candidate["permitted"] else "[red]x[/]",
        safe(candidate["target"]),
        candidate["zone"],
        candidate["expected_usd"],
        candidate["hold_usd"],
        "?" if candidate["quality"] is None else f"{candidate['quality']:g}",
        safe(drops + observed),
    ]
