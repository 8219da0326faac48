"""Is a lock complete? Its pins against what the packages of an environment say that they require."""

import json
import re
import subprocess
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_LIST = """
import json, platform
from importlib.metadata import distributions
print(json.dumps({
    "python": platform.python_version(),
    "packages": {d.metadata["Name"]: [d.version, d.requires or []] for d in distributions()},
}))
"""
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))?(?= \\|$)")


@dataclass(frozen=True)
class Pin:
    """A line of a lock."""

    name: str
    version: str
    marker: str | None
    hashes: int


@dataclass(frozen=True)
class Environment:
    """What is installed: name to version and requirements, and the release of its Python."""

    python: str
    versions: Mapping[str, str]
    requires: Mapping[str, tuple[str, ...]]

    def holds(self, marker: Marker | str | None, extra: str = "") -> bool:
        """Say whether a marker is true there."""
        if marker is None:
            return True
        release = {"python_full_version": self.python, "python_version": ".".join(self.python.split(".")[:2])}
        return Marker(str(marker)).evaluate({**default_environment(), **release, "extra": extra})


def environment(python: Path) -> Environment:
    """Ask an interpreter what is installed beside it."""
    installed = json.loads(subprocess.run([python, "-I", "-c", _LIST], check=True, capture_output=True).stdout)
    packages = {canonicalize_name(name): entry for name, entry in installed["packages"].items()}
    return Environment(
        installed["python"],
        {name: version for name, (version, _) in packages.items()},
        {name: tuple(requires) for name, (_, requires) in packages.items()},
    )


def pins(text: str) -> list[Pin]:
    """Read the text of a lock."""
    found: list[Pin] = []
    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            found.append(Pin(canonicalize_name(match["name"]), match["version"], match["marker"], 0))
        elif line.startswith("    --hash=sha256:"):
            last = found[-1]
            found[-1] = Pin(last.name, last.version, last.marker, last.hashes + 1)
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"not a line of a lock: {line}")
    return found


def listed(path: Path) -> list[str]:
    """Return the requirements of a file that people write, without comments."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def reasons(path: Path) -> dict[str, str]:
    """Return the names of such a file, each with the comment beside it."""
    lines = (line.partition("#") for line in path.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(Requirement(name).name): why.strip() for name, _, why in lines if name.strip()}


def asked(
    pyproject: Path, *, extras: Collection[str] = (), groups: Collection[str] = (), own: bool = True
) -> list[str]:
    """Return what pyproject.toml asks for: the package's own requirements, its extras, its groups."""
    document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    found = list(document["project"]["dependencies"]) if own else []
    for extra in extras:
        found += document["project"]["optional-dependencies"][extra]
    waiting = list(groups)
    while waiting:
        for entry in document["dependency-groups"][waiting.pop()]:
            if isinstance(entry, str):
                found.append(entry)
            else:
                waiting.append(entry["include-group"])
    return found


def faults(
    roots: Iterable[str],
    lock: Iterable[Pin],
    env: Environment,
    excluded: Collection[str] = (),
    overridden: Collection[str] = (),
) -> list[str]:
    """Return what is wrong with a lock: missing, of a wrong version, required by nobody, or not what is installed."""
    here = {pin.name: pin for pin in lock if env.holds(pin.marker)}
    reached: set[str] = set()
    found = [
        f"{pin.name}=={pin.version} is pinned, {env.versions.get(pin.name, 'none')} is installed"
        for pin in here.values()
        if env.versions.get(pin.name) != pin.version
    ]
    for who, requirement in _walk(roots, env, excluded):
        name = canonicalize_name(requirement.name)
        if name not in here:
            found.append(f"{who} requires {requirement}, which is not pinned")
        elif name not in overridden and not requirement.specifier.contains(here[name].version, prereleases=True):
            found.append(f"{who} requires {requirement}, but {here[name].version} is pinned")
        reached.add(name)
    return found + [f"{name} is pinned, but nothing requires it" for name in sorted(here.keys() - reached)]


def _walk(roots: Iterable[str], env: Environment, excluded: Collection[str]) -> Iterator[tuple[str, Requirement]]:
    """Yield each requirement that holds, with who has it, from the roots on."""
    waiting = [("the project", Requirement(root), "") for root in roots]
    seen: set[tuple[str, str]] = set()
    while waiting:
        who, requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in excluded or not env.holds(requirement.marker, extra):
            continue
        yield who, requirement
        for each in {"", *requirement.extras}:
            if (name, each) not in seen:
                seen.add((name, each))
                waiting += [(name, Requirement(text), each) for text in env.requires.get(name, ())]
