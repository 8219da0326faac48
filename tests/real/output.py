"""What the tests of a package print: real output of pytest, prove and node, good or bad.

They run in a copy, without network, as nobody where this user may become nobody, for at most 20 seconds each, and with
nothing but what the development environment holds. What they cannot import is in their output, as it is in an agent's.
"""

import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from .releases import run

MOST_RUNS = 6
SECONDS = "20"
PATTERNS = ("test_*.py", "*_test.py", "*.t", "*.test.js", "*.test.mjs", "*.spec.js")
NOBODY = "65534"


def outputs(repo: Path) -> list[str]:
    """Return what some of a repository's tests print; run once and kept beside it."""
    kept = repo.with_name(f"{repo.name}.tests.json")
    if not kept.exists():
        kept.write_text(json.dumps(_run_some(repo)))
    return list(json.loads(kept.read_text()))


def _run_some(repo: Path) -> list[str]:
    found = sorted({path for pattern in PATTERNS for path in repo.rglob(pattern) if ".git" not in path.parts})
    chosen = random.Random(repo.name).sample(found, min(len(found), MOST_RUNS))
    if not chosen:
        return []
    with tempfile.TemporaryDirectory(prefix="tests-") as place:
        copy = Path(place) / repo.name.partition("-")[2]
        shutil.copytree(repo, copy, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        run("chmod", "-R", "a+rwX", place)
        printed = [_printed(copy, path.relative_to(repo)) for path in sorted(chosen)]
    return [text for text in printed if text.strip()]


def _printed(copy: Path, test: Path) -> str:
    limited = (*_unprivileged(), "timeout", "-k", "2", SECONDS)
    known = {"PATH": os.environ["PATH"], "HOME": str(copy), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    known |= {"PYTHONPATH": f"{copy}:{copy / 'src'}:{copy / 'lib'}"}
    clean = ("env", "-i", *(f"{name}={value}" for name, value in known.items()))
    return run(*limited, *clean, *_command(test), cwd=copy, seconds=60, failing=True)


def _command(test: Path) -> tuple[str, ...]:
    if test.suffix == ".t":
        return ("prove", "-v", "-l", str(test))
    if test.suffix == ".py":
        plain = ("-p", "no:cacheprovider", "-W", "default", "-o", "addopts=")
        return (sys.executable, "-m", "pytest", "-v", "-ra", "--tb=long", "--maxfail=20", *plain, str(test))
    return ("node", "--test", str(test))


def _unprivileged() -> tuple[str, ...]:
    if os.geteuid():
        return ("unshare", "--map-root-user", "--net")
    return ("unshare", "--net", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs")
