"""``make test-real``: agent sessions and files over real repositories, judged by the shipped policy.

python -m real [--sessions 1000] [--calls 100] [--packages 100] [--place DIR] [--list building --show]
"""

import argparse
import re
import statistics
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.sensitivity.scan import scanner_for
from gateway.stores.policy.files import read_policies

from .material import repository
from .sessions import Judge, Repo, play

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AT_ONCE = 3
TESTS = re.compile(r"/(?:tests?|testing|t|__tests__|spec|fixtures?)/|/(?:test_|conftest)[^/]*$|[._]test\.[^/]+$")
"""Files of tests hold made-up passwords and keys, and hold them as such: they are counted apart."""
COMMON = 100
"""A kind of file has a row of its own if there are so many."""


def main() -> None:
    """Fetch what is missing, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m real", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--packages", type=int, default=10_000, help="at most so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place", type=Path, default=ROOT / "build" / "real")
    parser.add_argument("--list", choices=("measuring", "fresh", "building"), default="measuring")
    parser.add_argument("--show", action="store_true", help="name the files that were found by mistake (building only)")
    asked = parser.parse_args()
    if asked.show and asked.list != "building":
        parser.error("what is measured on is not looked at: --show needs --list building")
    start = time.monotonic()
    repos = _repositories(tomllib.loads((HERE / "packages.toml").read_text())[asked.list], asked)
    snapshot = compile_documents(read_policies(ROOT / "policies"), PriceBook.load_bundled())
    scanner = scanner_for(snapshot.sensitivity)
    judges = {team: Judge(snapshot, team, scanner) for team in ("engineering", "support")}
    tests = sum(len(repo.tests) for repo in repos)
    print(f"{len(repos)} repositories, {tests} outputs of tests, {asked.calls} tool calls a session")
    _sessions(repos, judges, asked)
    _files(repos, judges["support"], show=asked.show)
    print(f"\n{time.monotonic() - start:.0f} s")


def _repositories(listed: dict[str, Any], asked: argparse.Namespace) -> list[Repo]:
    kinds = [(kind, listed[kind]) for kind in ("npm", "pypi", "sdist", "debian")]
    wanted = [(kind, name, one["releases"]) for kind, one in kinds for name in one["names"]][: asked.packages]
    repos: list[Repo] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(lambda one: repository(*one, asked.place), wanted)
        for number, ((kind, name, _), path) in enumerate(zip(wanted, made, strict=True), 1):
            print(f"\r{number}/{len(wanted)} {kind} {name:<30}", end="", file=sys.stderr, flush=True)
            if path is not None:
                repos.append(Repo(path))
    print(file=sys.stderr)
    return repos


def _sessions(repos: list[Repo], judges: dict[str, Judge], asked: argparse.Namespace) -> None:
    """Print what became of sessions."""
    columns = ("team", "sessions", "moved or refused", "by", "cannot go on for 20 more turns")
    columns += ("masked values a session, median", "e-mail addresses, median")
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for team, found in play(repos, judges, asked.sessions, asked.calls, asked.seed).items():
        causes = ", ".join(f"{kind} {count}" for kind, count in found.causes.most_common()) or "-"
        medians = f"{statistics.median(found.masked):g} | {statistics.median(found.addresses):g}"
        print(f"| {team} | {found.sessions} | {found.moved} | {causes} | {found.stuck} | {medians} |")


def _files(repos: list[Repo], judge: Judge, *, show: bool) -> None:
    """Print how many files of each kind are restricted, and could not be sent by a team without ``mask: all``."""
    total: Counter[str] = Counter()
    stays: Counter[str] = Counter()
    restricted: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    for repo, path, verdict in _judged(repos, judge):
        kind = "tests" if TESTS.search(f"/{path.relative_to(repo)}") else path.suffix or "(none)"
        total[kind] += 1
        stays[kind] += bool(verdict.stays)
        restricted[kind] += verdict.restricted
        causes.update(verdict.stays)
        if show and (verdict.stays or verdict.restricted):
            print(path, sorted(part.kind for part in verdict.parts))
    for kind in [kind for kind, count in total.items() if count < COMMON]:
        for counts in (total, stays, restricted):
            counts["others"] += counts.pop(kind, 0)
    print(f"\n{sum(stays.values())} files moved for team support ({dict(causes)})")
    print("\n| kind | files | restricted | moved |\n|---|---|---|---|")
    for kind, count in [*total.most_common(), ("all", sum(total.values()))]:
        shares = [sum(one.values()) if kind == "all" else one[kind] for one in (restricted, stays)]
        print(f"| `{kind}` | {count} | {' | '.join(f'{one} ({one / max(count, 1):.1%})' for one in shares)} |")


def _judged(repos: list[Repo], judge: Judge) -> Iterator[tuple[Path, Path, Any]]:
    for repo in repos:
        for path in repo.files:
            yield repo.path, path, judge(path.read_text(errors="replace")[:100_000])


if __name__ == "__main__":
    main()
