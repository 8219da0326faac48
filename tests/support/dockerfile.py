"""Runs the steps of a Dockerfile in an empty directory, where no container engine is.

It reads two stages, COPY of paths and from the build stage, RUN, WORKDIR, ENV, USER, EXPOSE, and lists after ENTRYPOINT
and CMD; anything else is an error. Absolute paths below /opt, /src and /var are put under the directory, and ``python``
is the interpreter of these tests.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

_OURS = re.compile(r"(?<![\w./-])/(?=(?:opt|src|var)\b)")
LONG = 600


@dataclass
class Image:
    """What is left of the steps: a directory for a file system, and how it is started."""

    context: Path
    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    made: set[str] = field(default_factory=set)

    def here(self, text: str) -> str:
        """Put the absolute paths of a text under the directory."""
        return _OURS.sub(f"{self.root}/", text)

    def full_environ(self) -> dict[str, str]:
        """Return what the image sets, and where the machine's own certificates and packages are."""
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        home = self.root / "home"
        home.mkdir(exist_ok=True)
        return {**kept, "HOME": str(home)} | {name: self.here(value) for name, value in self.environ.items()}

    def start(self, **environ: str) -> "subprocess.Popen[bytes]":
        """Start what the image starts, in its folder."""
        argv = [*self.entrypoint, *self.command]
        everything = self.full_environ() | environ
        argv[0] = shutil.which(argv[0], path=everything["PATH"]) or argv[0]
        with (self.root / "log").open("wb") as log:
            return subprocess.Popen(argv, cwd=self.here(self.folder), env=everything, stdout=log, stderr=log)


def steps(text: str) -> list[tuple[str, str]]:
    """Return instruction and argument of each step."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def build(file: Path, context: Path, root: Path) -> Image:
    """Run all steps of a Dockerfile; its context is reduced by .dockerignore."""
    image = Image(context, root)
    for word, argument in steps(file.read_text(encoding="utf-8")):
        _STEPS[word](image, argument)
    return image


def _from(image: Image, argument: str) -> None:
    image.bases.append(argument.partition(" ")[0])
    image.folder, image.environ = "/", {}


def _copy(image: Image, argument: str) -> None:
    words = shlex.split(argument)
    flags, words = [word for word in words if word.startswith("--")], [word for word in words if word[:2] != "--"]
    if any(flag.startswith("--from=") for flag in flags):
        if words[0] != words[1] or not Path(image.here(words[0])).is_dir():
            raise ValueError(f"COPY {argument}: paths differ, or the build stage has no such directory")
        image.made.add(words[0])
        return
    into = Path(image.here(image.folder)) / words[-1]
    for source in words[:-1]:
        if not _sent(image.context, source):
            raise ValueError(f"COPY {source}: .dockerignore leaves it out")
        path = image.context / source
        if path.is_dir():
            shutil.copytree(path, into, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, into)


def _sent(context: Path, source: str) -> bool:
    patterns = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return any(pattern[:1] == "!" and fnmatch(source, pattern[1:]) for pattern in patterns)


def _run(image: Image, argument: str) -> None:
    """In a shell that stops at the first error; what pip's own settings say holds, and no virtual environment."""
    environ = image.full_environ() | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-ec", image.here(argument)], cwd=image.here(image.folder), env=environ,
        capture_output=True, text=True, check=False, timeout=LONG,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"RUN {argument}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


def _workdir(image: Image, argument: str) -> None:
    image.folder = argument
    Path(image.here(argument)).mkdir(parents=True, exist_ok=True)


def _env(image: Image, argument: str) -> None:
    image.environ |= dict(word.split("=", 1) for word in shlex.split(argument))


def _user(image: Image, argument: str) -> None:
    image.user = argument


def _entrypoint(image: Image, argument: str) -> None:
    image.entrypoint = json.loads(argument)


def _cmd(image: Image, argument: str) -> None:
    image.command = json.loads(argument)


def _expose(image: Image, argument: str) -> None:
    del image, argument


_STEPS = {
    "FROM": _from, "COPY": _copy, "RUN": _run, "WORKDIR": _workdir, "ENV": _env, "USER": _user,
    "ENTRYPOINT": _entrypoint, "CMD": _cmd, "EXPOSE": _expose,
}  # fmt: skip
