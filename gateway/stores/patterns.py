"""Compiled patterns in files of the data directory: two seconds of compiling at each start become a millisecond.

The engine trusts what it loads, so only what this user has written is read: the directory and each file must be ours
and writable by nobody else, no link is followed, and a digest over name and content must fit. All else is as if it were
not there, and made anew.
"""

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

MAGIC: Final = b"gateway patterns 1\n"
MOST_FILES: Final = 8
"""How many are kept: those of the current patterns and of the last releases and policies."""
MOST_BYTES: Final = 256 * 1024 * 1024
LONGEST_WAIT_S: Final = 20.0
_LOOK_S: Final = 0.05
_HEAD: Final = len(MAGIC) + sha256().digest_size
"""Bytes before the compiled patterns: the sign, and a digest of name and content."""
_LOCK: Final = "lock"
_DRAFT: Final = "."
_FOREIGN: Final = stat.S_IWGRP | stat.S_IWOTH
_DRAFT_S: Final = 3600.0


class PatternFiles:
    """Keeps compiled patterns in one directory. Nothing is raised: what cannot be kept costs only the time."""

    def __init__(self, directory: Path) -> None:
        """Take the directory; it is made when something is first kept."""
        self._directory = directory

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key; None if it is not there, not ours alone, or not as it was written."""
        try:
            with self._opened() as place:
                _refuse_foreign(os.fstat(place))
                head, compiled = _read(place, key)
        except OSError:
            return None
        return compiled if head == MAGIC + _digest(key, compiled) else None

    def put(self, key: str, compiled: bytes) -> None:
        """Keep it: the file appears whole or not at all, for the owner alone."""
        with suppress(OSError):
            self._make()
            with self._opened() as place:
                draft = f"{_DRAFT}{key}.{secrets.token_hex(8)}"
                try:
                    _write(place, draft, MAGIC + _digest(key, compiled), compiled)
                    os.rename(draft, key, src_dir_fd=place, dst_dir_fd=place)
                except OSError:
                    with suppress(OSError):
                        os.unlink(draft, dir_fd=place)
                    raise
                _tidy(place, time.time())

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let one process compile while the others wait; none waits for ever, and none without a lock."""
        lock = None
        with suppress(OSError):
            self._make()
            with self._opened() as place:
                lock = os.open(_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=place)
        try:
            if lock is not None:
                _wait_for(lock)
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def _make(self) -> None:
        """Make the directory if it is missing; where it is ours, let nobody else write there any more.

        Raises:
            OSError: it cannot be made, or is somebody else's.
        """
        self._directory.parent.mkdir(exist_ok=True, mode=0o700)
        self._directory.mkdir(exist_ok=True, mode=0o700)
        with self._opened() as place:
            found = os.fstat(place)
            if found.st_uid == os.geteuid() and found.st_mode & _FOREIGN:
                os.fchmod(place, 0o700)
            _refuse_foreign(os.fstat(place))

    @contextmanager
    def _opened(self) -> Iterator[int]:
        place = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield place
        finally:
            os.close(place)


def _refuse_foreign(found: os.stat_result) -> None:
    """Raise PermissionError if a file or directory is not ours, or others may write it."""
    if found.st_uid != os.geteuid() or found.st_mode & _FOREIGN:
        raise PermissionError


def _read(place: int, key: str) -> tuple[bytes, bytes]:
    """Return head and content of a file: apart, for the content is megabytes that need not be copied."""
    descriptor = os.open(key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        _refuse_foreign(found)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            raise PermissionError
        with suppress(OSError):  # so that what is used stays
            os.utime(descriptor)
        return file.read(_HEAD), file.read(MOST_BYTES)


def _write(place: int, name: str, *pieces: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=place), "wb") as file:
        file.writelines(pieces)


def _digest(key: str, compiled: bytes) -> bytes:
    digest = sha256(key.encode() + b"\n")
    digest.update(compiled)
    return digest.digest()


def _tidy(place: int, now: float) -> None:
    """Remove what was not used for longest, and drafts that a killed process has left."""
    known: list[tuple[float, str]] = []
    for name in os.listdir(place):
        changed = os.stat(name, dir_fd=place, follow_symlinks=False).st_mtime
        if name.startswith(_DRAFT):
            if changed < now - _DRAFT_S:
                os.unlink(name, dir_fd=place)
        elif name != _LOCK:
            known.append((changed, name))
    for _, name in sorted(known, reverse=True)[MOST_FILES:]:
        os.unlink(name, dir_fd=place)


def _wait_for(lock: int) -> None:
    end = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < end:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_S)
        except OSError:
            return
        else:
            return
