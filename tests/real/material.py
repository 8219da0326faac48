"""Repositories made of published releases: one commit each, with the authors and the changelogs of their packages.

Nothing of a package is run: releases are tarballs and wheels, unpacked.
"""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from shutil import rmtree

STABLE = re.compile(r"\d+(?:\.\d+){0,3}")
MOST_BYTES = 1_000_000
PIP = (sys.executable, "-m", "pip")
CHANGES = re.compile(r"(?:changelog|changes|history|news)", re.IGNORECASE)


def run(*command: str, cwd: Path | None = None) -> str:
    """Return what a command prints; empty if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, cwd=cwd, timeout=300)
    return done.stdout if done.returncode == 0 else ""


def versions(registry: str, name: str, most: int) -> list[str]:
    """Return the newest stable releases of a package, the oldest first."""
    if registry == "npm":
        found = json.loads(run("npm", "view", name, "versions", "--json") or "[]")
    else:
        listed = re.search(r"Available versions: (.*)", run(*PIP, "index", "versions", name))
        found = list(reversed(listed[1].split(", "))) if listed else []
    return [one for one in found if STABLE.fullmatch(one)][-most:]


def unpacked(registry: str, name: str, version: str, place: Path) -> Path | None:
    """Fetch a release and return the directory of its files; None if there is none."""
    place.mkdir(parents=True, exist_ok=True)
    if registry == "npm":
        run("npm", "pack", f"{name}@{version}", "--silent", "--ignore-scripts", cwd=place)
        for archive in place.glob("*.tgz"):
            with tarfile.open(archive) as files:
                files.extractall(place, filter="data")
            archive.unlink()
            return next((one for one in place.iterdir() if one.is_dir()), None)
        return None
    wanted = ("--no-deps", "--only-binary", ":all:", "--quiet", "--dest", str(place), f"{name}=={version}")
    run(*PIP, "download", *wanted)
    for wheel in place.glob("*.whl"):
        with zipfile.ZipFile(wheel) as files:
            files.extractall(place)
        wheel.unlink()
        return place
    return None


def author_of(files: Path) -> tuple[str, str]:
    """Return name and address of a release's author, as its package says."""
    package = files / "package.json"
    if package.exists():
        data = json.loads(package.read_text(errors="replace"))
        people = [data.get("author"), *(data.get("contributors") or []), *(data.get("maintainers") or [])]
        for one in people:
            text = f"{one.get('name', '')} <{one.get('email', '')}>" if isinstance(one, dict) else str(one or "")
            found = re.match(r"([^<(]+?)\s*<([^>]+@[^>]+)>", text)
            if found:
                return found[1], found[2]
    for metadata in files.glob("*.dist-info/METADATA"):
        data = Parser().parsestr(metadata.read_text(errors="replace"), headersonly=True)
        found = re.match(r"(?:([^<]*?)\s*<)?([^<>\s,]+@[^<>\s,]+)", data["Author-email"] or "")
        if found:
            return found[1] or data["Author"] or found[2], found[2]
    return "Release Bot", "release@packages.invalid"


def message_of(files: Path, version: str) -> str:
    """Return the part of a changelog that is about a release; a line that names it if there is none."""
    for place in files.iterdir():
        if place.is_file() and CHANGES.match(place.stem):
            text = place.read_text(errors="replace")
            start = re.search(rf"^.*\b{re.escape(version)}\b.*$", text, re.MULTILINE)
            if start:
                return f"Release {version}\n\n{text[start.end() : start.end() + 1500]}"
    return f"Release {version}"


def repository(registry: str, name: str, releases: int, place: Path) -> Path | None:
    """Return a repository with a commit for each release; made if it is not there yet, None if there are too few."""
    repo = place / f"{registry}-{name.replace('/', '-')}"
    if not (repo / ".git").exists():
        repo.mkdir(parents=True, exist_ok=True)
        run("git", "init", "-q", cwd=repo)
        for number, version in enumerate(versions(registry, name, releases)):
            _commit(repo, registry, name, version, number)
    return repo if run("git", "log", "--oneline", cwd=repo).count("\n") >= min(releases, 5) else None


def _commit(repo: Path, registry: str, name: str, version: str, number: int) -> None:
    draft = repo.with_name(f"{repo.name}.draft")
    rmtree(draft, ignore_errors=True)
    files = unpacked(registry, name, version, draft)
    if files is None:
        return
    (who, mail), message = author_of(files), message_of(files, version)
    for old in repo.iterdir():
        if old.name != ".git":
            rmtree(old) if old.is_dir() else old.unlink()
    for new in files.iterdir():
        new.rename(repo / new.name)
    rmtree(draft, ignore_errors=True)
    run("git", "add", "-A", "-f", cwd=repo)
    when = f"2026-0{1 + number % 9}-11T10:00:00Z"
    run(
        *("git", "-c", f"user.name={who}", "-c", f"user.email={mail}", "commit", "-q", "--allow-empty"),
        *("--date", when, "-m", message),
        cwd=repo,
    )


def text_files(repo: Path) -> Iterator[Path]:
    """Yield the files of a repository that are text, of at most 1 MB."""
    for path in sorted(repo.rglob("*")):
        fits = path.is_file() and ".git" not in path.parts and path.stat().st_size <= MOST_BYTES
        if fits and b"\0" not in path.read_bytes()[:8192]:
            yield path
