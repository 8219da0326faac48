"""``make test-real``: agent sessions and files over real repositories, judged by the shipped policy.

python -m real [--sessions 1000] [--calls 100] [--packages 40] [--place DIR]
"""

import argparse
import statistics
import sys
import tomllib
from collections import Counter
from pathlib import Path

from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.stores.policy.files import read_policies

from .material import repository, text_files
from .sessions import Judge, Repo, play

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main() -> None:
    """Fetch what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m real", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--packages", type=int, default=10_000, help="at most so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=Path, default=ROOT / "build" / "real")
    asked = parser.parse_args()
    listed = tomllib.loads((HERE / "packages.toml").read_text())["measuring"]
    names = [(registry, name) for registry in ("npm", "pypi") for name in listed[registry]][: asked.packages]
    repos = []
    for number, (registry, name) in enumerate(names, 1):
        print(f"\r{number}/{len(names)} {registry} {name:<20}", end="", file=sys.stderr, flush=True)
        repo = repository(registry, name, listed["releases"], asked.place)
        if repo is not None:
            repos.append(Repo(repo))
    print(file=sys.stderr)
    snapshot = compile_documents(read_policies(ROOT / "policies"), PriceBook.load_bundled())
    print(f"{len(repos)} repositories of {listed['releases']} releases, {asked.calls} tool calls a session\n")
    print("| team | sessions | moved or refused | by | masked values a session, median | e-mail addresses, median |")
    print("|---|---|---|---|---|---|")
    judges = {team: Judge(snapshot, team) for team in ("engineering", "support")}
    for team, found in play(repos, judges, asked.sessions, asked.calls, asked.seed).items():
        causes = ", ".join(f"{kind} {count}" for kind, count in found.causes.most_common()) or "-"
        medians = f"{statistics.median(found.masked):g} | {statistics.median(found.addresses):g}"
        print(f"| {team} | {found.sessions} | {found.moved} | {causes} | {medians} |")
    _files(repos, judges["support"])


def _files(repos: list[Repo], judge: Judge) -> None:
    """Print how many files of each kind could not be sent by a team without ``mask: all``."""
    total: Counter[str] = Counter()
    stays: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for repo in repos:
        for path in text_files(repo.path):
            kind = path.suffix or "(none)"
            total[kind] += 1
            verdict = judge(path.read_text(errors="replace")[:100_000])
            stays[kind] += bool(verdict.stays)
            causes.update(verdict.stays)
    print(f"\n{sum(total.values())} files, {sum(stays.values())} moved for team support ({dict(causes)})\n")
    print("| kind | files | moved |\n|---|---|---|")
    for kind, count in total.most_common(12):
        print(f"| `{kind}` | {count} | {stays[kind]} ({stays[kind] / count:.1%}) |")


if __name__ == "__main__":
    main()
