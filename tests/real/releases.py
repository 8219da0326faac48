"""Fetches releases of packages by name, with the registries' own clients.

What is fetched is unpacked. The one thing that runs is the build tool of a source distribution, which pip asks for its
name.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

STABLE = re.compile(r"\d+(?:\.\d+){0,3}")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
APT = threading.Lock()
ARCHIVES = (".tgz", ".tar.gz", ".tar.xz", ".tar.bz2")


def run(*command: str, cwd: Path | None = None, seconds: int = 300, failing: bool = False) -> str:
    """Return what a command prints; empty if it fails, unless that is expected of it, or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, cwd=cwd, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return ""
    if failing:
        return done.stdout + done.stderr
    return done.stdout if done.returncode == 0 else ""


def versions(registry: str, name: str, most: int) -> list[str]:
    """Return the newest stable releases of a package, the oldest first; Debian has one."""
    if registry == "debian":
        return ["newest"]
    if registry == "npm":
        found = json.loads(run("npm", "view", name, "versions", "--json") or "[]")
        found = [found] if isinstance(found, str) else found
    else:
        listed = re.search(r"Available versions: (.*)", run(*PIP, "index", "versions", name))
        found = list(reversed(listed[1].split(", "))) if listed else []
    return [one for one in found if STABLE.fullmatch(one)][-most:]


def unpacked(registry: str, name: str, version: str, place: Path) -> Path | None:
    """Fetch a release and return the directory of its files; None if there is none."""
    place.mkdir(parents=True, exist_ok=True)
    if registry == "npm":
        run("npm", "pack", f"{name}@{version}", "--silent", "--ignore-scripts", cwd=place)
    elif registry == "debian":
        _source_package(name, place)
    else:
        kind = ("--only-binary", ":all:") if registry == "pypi" else ("--no-binary", name)
        run(*PIP, "download", "--no-deps", *kind, "--quiet", "--dest", str(place), f"{name}=={version}", cwd=place)
    for archive in place.glob("*.whl"):
        with zipfile.ZipFile(archive) as files:
            files.extractall(place)
        archive.unlink()
        return place
    return _together([one for one in place.iterdir() if one.name.endswith(ARCHIVES)], place)


def _together(archives: Sequence[Path], place: Path) -> Path | None:
    """Unpack archives into one directory: Debian keeps its own files in one beside the source."""
    files = place / "files"
    for archive in sorted(archives, key=lambda one: ".debian." in one.name):
        with tarfile.open(archive) as members:
            members.extractall(files, filter="data")
        archive.unlink()
    if not files.exists():
        return None
    whole = [one for one in files.iterdir() if one.name != "debian"]
    if len(whole) == 1 and whole[0].is_dir():
        if (files / "debian").exists():
            shutil.rmtree(whole[0] / "debian", ignore_errors=True)
            (files / "debian").rename(whole[0] / "debian")
        return whole[0]
    return files


def _source_package(name: str, place: Path) -> None:
    lists = place.parent / "apt"
    with APT:
        options = _apt_options(lists)
        if not (lists / "ready").exists():
            run("apt-get", *options, "update")
            (lists / "ready").touch()
    run("apt-get", *options, "source", "--download-only", "--quiet", name, cwd=place)


def _apt_options(lists: Path) -> tuple[str, ...]:
    """Return what makes apt look for sources where this machine's packages are from; its own lists stay as they are."""
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    wanted = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    found = run("apt-get", "indextargets", "--format", wanted, "Created-By: Packages").splitlines()
    main = [line for line in sorted(set(found)) if line.endswith(" main") and "/debian/ " in line]
    (lists / "sources.list").write_text("".join(f"deb-src {line}\n" for line in main))
    places = (f"Dir::Etc::sourcelist={lists}/sources.list", "Dir::Etc::sourceparts=-", f"Dir::State::lists={lists}")
    return tuple(word for place in places for word in ("-o", place))
