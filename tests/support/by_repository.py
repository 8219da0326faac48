"""How well secrets are found in repositories that the model of ``key = value`` does not know.

``python tests/support/by_repository.py DATA.jsonl.gz`` is for choosing: it trains the model anew without each
repository in turn, and counts what the detectors then find there. With ``--held-out`` it measures the model as it ships
on the repositories that training never sees; do that once, when all is chosen. Only findings of secrets count:
addresses in these rows are real, but not labelled.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import train_likelihood as training

from gateway.cli.sensitivity.eval import Score
from gateway.cli.sensitivity.labelled_data import Row, is_held_out, read_rows
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity import assignment, likelihood
from gateway.sensitivity.scan import Scanner, scanner_for

JUDGE = assignment.is_secret
"""Training looks at what is judged through a spy in its place."""


def main() -> None:
    """Print a table, by repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--harmless", type=Path, nargs="*", default=(), help="folders of code that holds no secrets")
    asked = parser.parse_args()
    rows = [row for row in read_rows(asked.data) if row["src"] in training.SECRETS]
    scanner = scanner_for(SensitivitySpec())
    total = Score()
    print("| repository | P | R | F1 | FPR |\n|---|---|---|---|---|")
    counted = measured(scanner, rows) if asked.held_out else cross_validated(scanner, rows, asked.harmless)
    for name, score in counted:
        total = Score(*[one + other for one, other in zip(total.counts, score.counts, strict=True)])
        print(_row(name[:12], score))
    print(_row("all", total))


def measured(scanner: Scanner, rows: Sequence[Row]) -> Iterator[tuple[str, Score]]:
    """Yield the score of each repository that is held out."""
    for name, own in _by_repository([row for row in rows if training.is_held_out_repository(row)]).items():
        yield name, _score(scanner, own)


def cross_validated(scanner: Scanner, rows: Sequence[Row], folders: Sequence[Path]) -> Iterator[tuple[str, Score]]:
    """Yield the score of each repository used for training, by a model that is trained without it."""
    known = [row for row in rows if not is_held_out(row["id"]) and not training.is_held_out_repository(row)]
    plain = list(training.harmless(folders))
    values = [(given, wanted, row.get("repo")) for row in known for given, wanted in training.candidates([row])]
    assignment.is_secret = JUDGE
    for name, own in _by_repository([row for row in known if "repo" in row]).items():
        others: list[tuple[Any, bool]] = [(given, wanted) for given, wanted, repo in values if repo != name]
        pairs = others + plain[: 4 * len(others)]
        features = np.array([likelihood.features(given) for given, _ in pairs])
        likelihood.WEIGHTS = tuple(training.train(features, np.array([wanted for _, wanted in pairs], float)))
        yield name, _score(scanner, own)


def _by_repository(rows: Sequence[Row]) -> dict[str, list[Row]]:
    names = sorted({row["repo"] for row in rows if "repo" in row})
    return {name: [row for row in rows if row.get("repo") == name] for name in names}


def _score(scanner: Scanner, rows: Sequence[Row]) -> Score:
    score = Score()
    for row in rows:
        parts = scanner.scan({"messages": [{"role": "user", "content": row["text"]}]}).parts
        score.add(said=any(part.kind == "secret" for part in parts), is_so=bool(row["pos"]))
    return score


def _row(name: str, score: Score) -> str:
    return f"| {name} | {' | '.join(f'{rate:.3f}' for rate in score.rates)} |"


if __name__ == "__main__":
    main()
