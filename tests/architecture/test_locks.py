"""Locks are complete: what is published tomorrow changes no environment."""

import os
import re
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from support import locks
from support.locks import asked, environment, faults, listed, pins, reasons

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
COMPROMISED = {"1.82.7", "1.82.8", "1.107.0"}

WITHOUT = reasons(ROOT / "requirements-edge-excludes.txt")
# Lock to what is asked for, the environment that has all of it, and what is left out on purpose.
OURS = {
    "requirements.lock": (asked(PYPROJECT, extras=["documents", "postgres"]), {}),
    "requirements-edge.lock": (asked(PYPROJECT, extras=["documents", "postgres"]), WITHOUT),
    "requirements-build.lock": (asked(PYPROJECT, groups=["build"], own=False), {}),
    "requirements-dev.lock": (asked(PYPROJECT, groups=["dev"]), {}),
}
OTHERS = {
    "tests/support/requirements-focus.lock": ".venv-focus",
    "tests/support/requirements-presidio.lock": ".venv-presidio",
    "loadtest/requirements-peers.lock": ".venv-peers",
    ".ci/requirements-uv.lock": ".venv-uv",
}
MADE_BY_CI = {".venv-focus"}
ELSEWHERE = {
    "tests/sglang/requirements.lock": "tests/sglang/test_lock.py",
    "tests/sglang/requirements-cpu.lock": "tests/sglang/test_lock.py",
    "tests/sglang/requirements-cuda.lock": "tests/sglang/test_lock.py",
}
ALL = sorted(OURS | OTHERS | ELSEWHERE)


def read(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def here():
    return environment(Path(sys.executable))


@pytest.mark.parametrize("lock", OURS)
def test_a_lock_pins_all_that_is_required_and_nothing_else(lock, here):
    roots, excluded = OURS[lock]

    assert faults(roots, pins(read(lock)), here, excluded) == []


@pytest.mark.parametrize("lock", OTHERS)
def test_so_does_the_lock_of_an_environment_of_its_own(lock):
    folder = ROOT / OTHERS[lock]
    if not (folder / ".ready").exists() and not ("CI" in os.environ and folder.name in MADE_BY_CI):
        pytest.skip(f"{folder.name} does not exist: `make help` names the target that makes it")

    assert faults(listed((ROOT / lock).with_suffix(".in")), pins(read(lock)), environment(folder / "bin/python")) == []


@pytest.mark.parametrize("gone", ["pluggy", "aiosignal", "sqlalchemy", "hatchling", "litellm"])
def test_a_line_that_is_removed_is_missed(gone, here):
    lock = [pin for pin in pins(read("requirements-dev.lock")) if pin.name != gone]

    found = faults(OURS["requirements-dev.lock"][0], lock, here)

    assert any(re.search(rf" requires {gone}\b.*, which is not pinned$", fault, re.IGNORECASE) for fault in found)


def test_a_version_that_nobody_asked_for_is_seen(here):
    text = re.sub(r"(?m)^pluggy==\S+", "pluggy==0.1", read("requirements-dev.lock"))

    found = faults(OURS["requirements-dev.lock"][0], pins(text), here)

    assert any(fault.startswith("pytest requires pluggy") and "0.1 is pinned" in fault for fault in found)
    assert any(fault.startswith("pluggy==0.1 is pinned, ") for fault in found)


def test_a_line_that_nobody_requires_is_seen(here):
    lock = pins(read("requirements-edge.lock")) + [
        pin for pin in pins(read("requirements.lock")) if pin.name == "litellm"
    ]

    assert faults(OURS["requirements-edge.lock"][0], lock, here, WITHOUT) == [
        "litellm is pinned, but nothing requires it"
    ]


def test_what_an_extra_requires_is_followed():
    env = locks.Environment(
        "3.11.7", {"a": "1", "b": "1"}, {"a": ('b>=1; extra == "more"', 'c; python_version < "3.8"')}
    )
    only_a = pins("a==1 \\\n    --hash=sha256:0\n")

    assert faults(["a"], only_a, env) == []
    assert faults(["a[more]"], only_a, env) == ['a requires b>=1; extra == "more", which is not pinned']


def test_every_lock_is_checked():
    found = {
        path.relative_to(ROOT).as_posix()
        for place in (".", ".ci", "loadtest", "tests/*")
        for path in ROOT.glob(f"{place}/*.lock")
    }

    assert found == set(ALL)
    assert [test for test in ELSEWHERE.values() if not (ROOT / test).exists()] == []


@pytest.mark.parametrize("lock", ALL)
def test_every_line_has_a_hash_and_none_an_address(lock):
    text = read(lock)

    assert [pin for pin in pins(text) if not pin.hashes] == []
    assert "://" not in text


@pytest.mark.parametrize("lock", ALL)
def test_no_lock_has_a_compromised_release(lock):
    assert not COMPROMISED & {pin.version for pin in pins(read(lock)) if pin.name == "litellm"}


@pytest.mark.parametrize("lock", OURS)
def test_what_is_tested_is_what_runs(lock):
    tested = {(pin.name, pin.version) for pin in pins(read("requirements-dev.lock"))}
    unused = {"litellm"} if lock == "requirements-edge.lock" else set()

    assert {
        (pin.name, pin.version) for pin in pins(read(lock)) if pin.marker is None or "win32" not in pin.marker
    } <= tested
    assert unused.isdisjoint(pin.name for pin in pins(read(lock)))


def test_what_is_left_out_has_a_reason():
    assert WITHOUT.keys() == {"litellm"}
    assert all(WITHOUT.values())


def test_this_python_is_one_that_the_package_says_it_runs_on(here):
    wanted = re.search(r'(?m)^requires-python = "([^"]+)"', PYPROJECT.read_text(encoding="utf-8"))

    assert wanted[1] == ">=3.11,<3.14"
    assert SpecifierSet(wanted[1]).contains(here.python)


INSTALLERS = ("Makefile", "docker/edge.Dockerfile", "docker/egress.Dockerfile")


def installs(text: str) -> list[str]:
    """The shell commands that install something, make's variables filled in."""
    known = dict(re.findall(r"(?m)^(INSTALL|WHEELS) := (.*)$", text))
    lines = [line for line in text.replace("\\\n", "").splitlines() if not re.match(r"#|\w+ :=", line)]
    commands = [part for line in lines for part in re.split(r"&&|\|\||;", line)]
    filled = [re.sub(r"\$\((INSTALL|WHEELS)\)", lambda match: known[match[1]], command) for command in commands]
    return [command for command in filled if re.search(r"\bpip\b.* install\b", command)]


@pytest.mark.parametrize("file", INSTALLERS)
def test_nothing_is_installed_with_what_a_lock_does_not_name(file):
    found = installs((ROOT / file).read_text(encoding="utf-8"))

    assert found
    assert [command for command in found if "--no-deps" not in command] == []
    assert [command for command in found if " -r " in command and "--require-hashes" not in command] == []
    assert [command for command in found if " -r " in command and ".lock" not in command] == []
    assert [
        command for command in found if " -r " not in command and not re.search(r" -e \.|--no-index", command)
    ] == []


@pytest.mark.skipif("CI" not in os.environ, reason="a developer may install what they like")
def test_ci_has_nothing_that_was_installed_by_hand(here):
    known = {pin.name for pin in pins(read("requirements-dev.lock"))} | {"gateway", "pip", "setuptools"}

    assert here.versions.keys() - known == set()
