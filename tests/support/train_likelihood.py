"""Train the model of ``key = value`` secrets anew: ``python tests/support/train_likelihood.py DATA.jsonl.gz``.

Writes gateway/sensitivity/likelihood_weights.py. Data are labelled rows as `gateway sensitivity eval` takes them; a
fifth of them, by the hash of the id, is held out, and so is every other repository, by the hash of its name: this never
looks at them. Needs numpy; the same data give the same file. The threshold may follow, and folders of source code that
holds no secrets, such as an environment's site-packages: what is given to names there is harmless.
"""

import hashlib
import math
import sys
from collections import Counter
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from gateway.cli.sensitivity.labelled_data import is_held_out, read_rows
from gateway.patterns.engine import compile_patterns
from gateway.sensitivity import assignment, likelihood
from gateway.sensitivity.finding import Hit
from gateway.sensitivity.view import View

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SECRETS = {"creddata", "np", "kf", "gitleaks", "leakyrepo"}
OUT = Path(__file__).parents[2] / "gateway" / "sensitivity" / "likelihood_weights.py"


def is_held_out_repository(row) -> bool:
    """Return whether a row is of a repository that the model must not know: how well it does there is what counts."""
    return hashlib.sha256(row.get("repo", "").encode()).digest()[0] % 2 == 1 and "repo" in row


def bigrams(rows) -> str:
    seen, first = Counter(), Counter()
    for row in rows:
        if not row["pos"]:
            text = row["text"].lower()
            for one, two in pairwise(text):
                if "a" <= one <= "z" and "a" <= two <= "z":
                    seen[one, two] += 1
                    first[one] += 1
    return "".join(
        str(min(9, max(0, round(1.6 * (-math.log((seen[one, two] + 0.5) / (first[one] + 13)) - 1)))))
        for one in LETTERS
        for two in LETTERS
    )


@cache
def _triggers():
    triggers = [each for each in assignment.TRIGGERS if isinstance(each.extract, partial)]
    return triggers, compile_patterns([each.pattern for each in triggers])


def candidates(rows):
    """Yield (name and value, is a secret) of each value that a name is given, as the triggers see them."""
    seen = []
    assignment.is_secret = lambda given: bool(seen.append(given)) or True  # type: ignore[assignment]
    triggers, matcher = _triggers()
    for row in rows:
        if row["src"] not in SECRETS:
            continue
        view, met = View(row["text"]), set()
        whole = any(high - low >= 0.8 * len(row["text"]) for low, high, _ in row["spans"])
        if row["pos"] and (whole or not row["spans"]):
            continue  # somewhere in these texts is a secret; nobody says where
        for number, end in matcher.find(view.data, 10**6):
            seen.clear()
            hit = triggers[number].extract(view.text, end)
            if not isinstance(hit, Hit) or hit in met or not seen:
                continue
            met.add(hit)
            start, stop = view.back(hit.start, hit.end)
            yield seen[-1], any(low < stop and start < high for low, high, _ in row["spans"])


def harmless(folders):
    """Yield (name and value, False) of what names are given in the source code of folders, each pair once."""
    files = sorted(
        path
        for folder in folders
        for kind in ("py", "js", "json", "h", "pm", "txt")
        for path in Path(folder).rglob(f"*.{kind}")
    )
    known = set()
    for path in files[:: max(1, len(files) // 6000)]:
        text = path.read_text(errors="replace")[:200_000]
        row = {"src": "creddata", "text": text, "pos": False, "spans": []}
        for given, _ in candidates([row]):
            if (given.name, given.value) not in known:
                known.add((given.name, given.value))
                yield given, False


def train(x, y, *, steps=3000, rate=0.5, decay=2e-4):
    mean, spread = x.mean(0), x.std(0)
    spread[spread == 0] = 1
    mean[0], spread[0] = 0, 1
    scaled = (x - mean) / spread
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        guess = 1 / (1 + np.exp(-scaled @ weights))
        weights -= rate * (scaled.T @ (guess - y) / len(y) + decay * weights)
    final = weights / spread
    final[0] = weights[0] - (weights[1:] * mean[1:] / spread[1:]).sum()
    return final


def main() -> None:
    rows = [
        row for row in read_rows(Path(sys.argv[1])) if not is_held_out(row["id"]) and not is_held_out_repository(row)
    ]
    table = bigrams(rows)
    likelihood._PAIRS.update(
        {one + two: int(table[26 * a + b]) for a, one in enumerate(LETTERS) for b, two in enumerate(LETTERS)}
    )
    labelled = list(candidates(rows))
    plain = sorted(harmless(sys.argv[3:]), key=lambda pair: hashlib.sha256(repr(pair).encode()).digest())
    given, wanted = zip(*labelled, *plain[: 4 * len(labelled)], strict=True)
    print(len(labelled), "labelled,", len(plain), "harmless", file=sys.stderr)
    x = np.array([likelihood.features(each) for each in given])
    y = np.array(wanted, float)
    weights = train(x, y)
    guess = 1 / (1 + np.exp(-x @ weights))
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        said = guess >= threshold
        print(
            threshold,
            "P",
            (y[said].mean() if said.any() else 0).round(3),
            "R",
            (said[y == 1].mean()).round(3),
            file=sys.stderr,
        )
    print(len(y), "values,", int(y.sum()), "secrets", file=sys.stderr)
    numbers = ", ".join(f"{weight:.3f}" for weight in weights)
    lines = "\n".join(f'    "{table[at : at + 104]}"' for at in range(0, 676, 104))
    OUT.write_text(
        '"""Weights of the model of ``key = value`` secrets, written by tests/support/train_likelihood.py."""\n\n'
        "from typing import Final\n\n"
        f"BIGRAMS: Final = (\n{lines}\n)\n"
        '"""How seldom one letter follows another, from a to z each, 0 to 9."""\n'
        f"WEIGHTS: Final = (\n    {numbers},\n)\n"
        f"THRESHOLD: Final = {sys.argv[2] if len(sys.argv) > 2 else 0.4}\n"
    )


if __name__ == "__main__":
    main()
