"""Repositories made of published releases: one commit each, with the authors and the changelogs of their packages."""

import json
import re
from email.parser import Parser
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from .releases import run, unpacked, versions

MOST_BYTES = 1_000_000
MOST_FILES = 500
"""Of one repository, so that no large one decides the figures."""
CHANGES = re.compile(r"(?:changelog|changes|history|news)", re.IGNORECASE)
ENTRY = re.compile(
    r"^\S+ \((?P<version>[^)]+)\) .*\n(?P<text>(?:.*\n)*?) -- (?P<who>.*?) <(?P<mail>.*?)>  .*\n?", re.MULTILINE
)
"""One release in a changelog of Debian."""
Person = tuple[str, str]


def author_of(files: Path) -> Person:
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
    for metadata in (*files.glob("*.dist-info/METADATA"), *files.glob("PKG-INFO")):
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
            _release(repo, registry, name, version, number, releases)
    return repo if run("git", "log", "--oneline", cwd=repo).count("\n") >= min(releases, 5) - 1 else None


def _release(repo: Path, registry: str, name: str, version: str, number: int, most: int) -> None:
    draft = repo.with_name(f"{repo.name}.draft")
    rmtree(draft, ignore_errors=True)
    files = unpacked(registry, name, version, draft)
    if files is None:
        return
    for old in repo.iterdir():
        if old.name != ".git":
            rmtree(old) if old.is_dir() else old.unlink()
    for new in files.iterdir():
        if new.name != ".git":
            new.rename(repo / new.name)
    rmtree(draft, ignore_errors=True)
    if registry == "debian":
        _replay(repo, most)
    else:
        _commit(repo, author_of(repo), message_of(repo, version), number)


def _replay(repo: Path, most: int) -> None:
    """Commit a changelog of Debian entry by entry, each by who wrote it."""
    log = repo / "debian" / "changelog"
    whole = log.read_text(errors="replace") if log.exists() else ""
    entries = list(ENTRY.finditer(whole))[:most]
    for number, entry in enumerate(reversed(entries)):
        log.write_text(whole[entry.start() :])
        _commit(repo, (entry["who"], entry["mail"]), f"Release {entry['version']}\n{entry['text']}", number)


def _commit(repo: Path, who: Person, message: str, number: int) -> None:
    run("git", "add", "-A", "-f", cwd=repo)
    when = f"2026-0{1 + number % 9}-11T10:00:00Z"
    run(
        *("git", "-c", f"user.name={who[0]}", "-c", f"user.email={who[1]}", "commit", "-q", "--allow-empty"),
        *("--date", when, "-m", message),
        cwd=repo,
    )


def text_files(repo: Path) -> list[Path]:
    """Return the files of a repository that are text, of at most 1 MB; of many, those with the least hashes."""
    found = [path for path in repo.rglob("*") if ".git" not in path.parts and _is_text(path)]
    found.sort(key=lambda path: sha256(str(path.relative_to(repo)).encode()).digest())
    return sorted(found[:MOST_FILES])


def _is_text(path: Path) -> bool:
    fits = path.is_file() and not path.is_symlink() and path.stat().st_size <= MOST_BYTES
    return fits and b"\0" not in path.read_bytes()[:8192]
