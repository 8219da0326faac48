"""The policy files in force, kept in the data directory: every process runs these, restarted or not.

A file that is being saved is a good file without its rules for a moment, and a directory that is being changed is a
policy without one of its files. So no process reads those itself; the supervisor takes them over, whole.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec
import orjson

from gateway.stores.policy.files import File, read_policies

ACCEPTED: Final = "accepted"
"""File beside the policy files that accepts policies which widen: lines ``accepted: HASH``."""
_LINE: Final = re.compile(r"^\s*(?:accepted:|-)?\s*\"?([0-9a-f]{16})\"?\s*(?:#.*)?$")
_CURRENT: Final = "current"
_REFUSED: Final = "refused"


class Waiting(msgspec.Struct, frozen=True):
    """Newer files than those in force, and why they are not."""

    problem: str
    event: Literal["held", "refused"] = "refused"
    """Held: valid, and waits until it is accepted."""
    policy: str = ""
    """The hash to accept it by, if it is held."""
    since_ns: int = 0
    """Unix time since when; 0 if a release before this one noted it."""


class KeptPolicy:
    """The files in force, why newer ones are not, and which policies were accepted although they widen."""

    def __init__(self, path: Path) -> None:
        """Take the place: a directory, made when something is kept."""
        self._path = path
        self.directory = path / _CURRENT
        """The files in force; a link that is swapped."""

    def files(self) -> list[File] | None:
        """Return the files in force; None if none were ever kept.

        Raises:
            OSError: they cannot be read.
        """
        return read_policies(self.directory) if self.directory.exists() else None

    def take(self, files: Sequence[File]) -> None:
        """Put files into force, all at once.

        Raises:
            OSError: they cannot be written.
        """
        self._path.mkdir(mode=0o700, exist_ok=True)
        name = hashlib.sha256(repr(list(files)).encode()).hexdigest()[:16]
        place = self._path / name
        if not place.exists():
            draft = self._path / f".{secrets.token_hex(8)}"
            draft.mkdir(mode=0o700)
            for file, text in files:
                _write(draft / file, text.encode())
            _sync(draft)
            draft.rename(place)
        link = self._path / f".{secrets.token_hex(8)}"
        link.symlink_to(name)
        before = self.directory.readlink().name if self.directory.is_symlink() else ""
        link.replace(self.directory)
        _sync(self._path)
        for old in self._path.iterdir():
            if old.is_dir() and not old.is_symlink() and old.name not in {name, before}:
                shutil.rmtree(old, ignore_errors=True)

    def waiting(self) -> Waiting | None:
        """Return the newest files that are not in force; None if they are."""
        try:
            noted = (self._path / _REFUSED).read_bytes()
        except OSError:
            return None
        if not noted:
            return None
        try:
            return msgspec.json.decode(noted, type=Waiting)
        except msgspec.MsgspecError:  # the words alone: written by an older release
            return Waiting(noted.decode(errors="replace"))

    def refused(self) -> str:
        """Return why the newest files are not in force; empty if they are."""
        waiting = self.waiting()
        return waiting.problem if waiting else ""

    def refuse(self, waiting: Waiting | None) -> None:
        """Note why the newest files are not in force; None: they are. What is noted already keeps its time.

        Raises:
            OSError: it cannot be written.
        """
        before = self.waiting()
        if before == waiting or (
            before and waiting and msgspec.structs.replace(before, since_ns=waiting.since_ns) == waiting
        ):
            return
        self._path.mkdir(mode=0o700, exist_ok=True)
        draft = self._path / f".{secrets.token_hex(8)}"
        _write(draft, msgspec.json.encode(waiting) if waiting else b"")
        draft.replace(self._path / _REFUSED)

    def accept(self, policy: str, *, by: str, reason: str, at_ns: int) -> None:
        """Note that a policy may come into force although it widens.

        Raises:
            OSError: it cannot be written.
        """
        self._path.mkdir(mode=0o700, exist_ok=True)
        line = orjson.dumps({"policy": policy, "by": by, "reason": reason, "at_ns": at_ns}) + b"\n"
        descriptor = os.open(self._path / ACCEPTED, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def accepted(self) -> frozenset[str]:
        """Return the policies that were accepted; a line that cannot be read accepts nothing."""
        found = set()
        with suppress(OSError):
            for line in (self._path / ACCEPTED).read_bytes().splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    found.add(str(orjson.loads(line)["policy"]))
        return frozenset(found)


def accepted_beside(directory: Path) -> frozenset[str]:
    """Return the policies that a file beside the policy files accepts."""
    try:
        lines = (directory / ACCEPTED).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(found[1] for line in lines if (found := _LINE.match(line)))


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
