"""The journal of conversation labels: one line per change, last write wins.

A line is on the disk before its call is sent (:meth:`Journal.synced`), so power loss can only lose lines of calls that
were never sent. One fsync serves all who wait for it. Once most lines are outdated the file is rewritten in slices, off
the event loop; a caller that waits for the disk then waits for the new file.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any, Final

import anyio
import orjson
from anyio.to_thread import run_sync

from gateway.domain.label import Label

_OLD: Final = ("c:", "k:")
"""Keys of releases that knew conversations by other keys: what they carried counts as lost."""


@dataclass(frozen=True, slots=True)
class Line:
    """The labels of a key at its last use."""

    team: str
    key: str
    ends: int
    """In UTC seconds."""
    labels: Mapping[str, Label]
    vendor: str

    def encoded(self) -> bytes:
        """Return the line as it is in the file."""
        labels = {kind: label.as_json() for kind, label in self.labels.items()}
        data = {"team": self.team, "key": self.key, "ends": self.ends, "labels": labels, "vendor": self.vendor}
        return orjson.dumps(data) + b"\n"


@dataclass(slots=True)
class Kept:
    """What a journal holds."""

    lines: list[Line] = field(default_factory=list)
    lost_until: float = 0.0
    """In UTC seconds: until then a conversation may have more labels than are known."""
    damaged: bool = False
    """True: a line cannot be read, and it is not the last one, which a crash may have cut."""


def lost(until: float) -> bytes:
    """Return the line that marks a loss, which is over at a time in UTC seconds."""
    return orjson.dumps({"lost": until}) + b"\n"


def forgot(team: str, key: str) -> bytes:
    """Return the line after which nothing counts that a key carried before."""
    return orjson.dumps({"forgot": [team, key]}) + b"\n"


def read(path: Path) -> Kept:
    """Read a journal.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read.
    """
    kept = Kept()
    *whole, tail = path.read_bytes().split(b"\n")
    for line in (*whole, tail):
        if not line:
            continue
        try:
            data = orjson.loads(line)
            if "lost" in data:
                kept.lost_until = max(kept.lost_until, float(data["lost"]))
                continue
            if "forgot" in data:
                kept.lines = [one for one in kept.lines if [one.team, one.key] != data["forgot"]]
                continue
            line_read = _parsed(data)
            if line_read.key.startswith(_OLD):
                kept.lost_until = max(kept.lost_until, line_read.ends)
            else:
                kept.lines.append(line_read)
        except (ValueError, KeyError, TypeError, AttributeError):
            kept.damaged |= line is not tail
    return kept


def _parsed(data: dict[str, Any]) -> Line:
    labels = {kind: Label.from_json(label) for kind, label in data["labels"].items()}
    return Line(str(data["team"]), str(data["key"]), int(data["ends"]), labels, str(data["vendor"]))


class Journal:
    """A journal that is open for more."""

    def __init__(self, path: Path, lines: Iterable[bytes]) -> None:
        """Write it anew, with these lines alone.

        Raises:
            OSError: it cannot be written.
        """
        self._path = path
        self._draft = path.with_name(path.name + ".new")
        self._torn = False
        self._broken = False
        self._damaged = False
        """A line that was cut is inside of the file."""
        self._meanwhile: list[bytes] | None = None
        """Lines that came while the file is rewritten; None: it is not."""
        self._written = 0
        self._durable = 0
        """Of what was written; the rest waits for an fsync."""
        self._syncing = anyio.Lock()
        self.lines = 0
        """So many are in the file."""
        self._file = _fresh(self._draft)
        self.lines = _write(self._file, lines)
        os.fsync(self._file.fileno())
        self._draft.replace(path)
        _sync_folder(path)

    @property
    def suspect(self) -> bool:
        """Whether a line may be missing that was to be written: then it must be rewritten."""
        return self._torn or self._broken or self._damaged

    def append(self, lines: Sequence[bytes]) -> None:
        """Write lines, without waiting for the disk.

        Raises:
            OSError: they may not be written; what is appended next is on a line of its own.
        """
        if self._broken:
            raise OSError("an fsync of the journal failed: its content can no longer be trusted")
        text = (b"\n" if self._torn else b"") + b"".join(lines)
        try:
            done = self._file.write(text)
        except ValueError as error:
            self._torn = True
            raise OSError("the journal is closed") from error
        except OSError:
            self._torn = True
            raise
        if done != len(text):
            self._torn = True
            raise OSError("the disk has no room for the journal")
        self._damaged |= self._torn
        self._torn = False
        self._written += 1
        self.lines += len(lines)
        if self._meanwhile is not None:
            self._meanwhile += lines

    async def synced_within(self, seconds: float) -> None:
        """Return as :meth:`synced` does; what is on the disk already takes no time.

        Raises:
            OSError: as there, or it took too long.
        """
        if self._durable < self._written:
            with anyio.fail_after(seconds):
                await self.synced()
        else:
            await self.synced()

    async def synced(self) -> None:
        """Return when all that was appended so far is on the disk.

        Raises:
            OSError: an fsync failed; nothing more is taken until the journal was rewritten.
        """
        wanted = self._written
        while self._durable < wanted:
            async with self._syncing:
                if self._durable >= wanted:
                    return
                upto = self._written
                try:
                    await run_sync(os.fsync, self._file.fileno())
                except OSError:  # the kernel may have dropped the pages: another fsync would not report them
                    self._broken = True
                    raise
                self._durable = upto
        if self._broken:
            raise OSError("an fsync of the journal failed: its content can no longer be trusted")

    async def rewrite(self, slices: Iterator[Sequence[bytes]]) -> None:
        """Rewrite the journal: the lines of all slices, each drawn when it is due, and those that come meanwhile.

        Raises:
            OSError: it cannot be; it stays as it is.
        """
        self._meanwhile, draft, swapped = [], None, False
        try:
            draft = await run_sync(_fresh, self._draft)
            count = 0
            for lines in slices:
                count += await run_sync(_write, draft, lines)
            async with self._syncing:  # what is appended from now on is on the disk with the new file, or not at all
                rest, self._meanwhile = self._meanwhile, []
                count += await run_sync(_write_and_sync, draft, rest)
                count += _write(draft, self._meanwhile)
                upto, old = self._written, self._file
                self._draft.replace(self._path)
                self._file, self.lines, swapped = draft, count, True
                self._torn = self._broken = self._damaged = False
                with suppress(OSError):
                    old.close()
                await self._settled(draft)
                self._durable = upto
        finally:
            self._meanwhile = None
            if draft is not None and not swapped:
                draft.close()
                with suppress(OSError):
                    self._draft.unlink(missing_ok=True)

    async def _settled(self, file: FileIO) -> None:
        with anyio.CancelScope(shield=True):
            try:
                await run_sync(_sync_with_name, file, self._path)
            except OSError:
                self._broken = True
                raise

    def close(self) -> None:
        """Close it."""
        self._file.close()


def _fresh(draft: Path) -> FileIO:
    draft.unlink(missing_ok=True)
    return FileIO(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab")


def _write(file: FileIO, lines: Iterable[bytes]) -> int:
    """Write lines and return how many they were.

    Raises:
        OSError: the disk has no room for them.
    """
    whole = list(lines)
    text = memoryview(b"".join(whole))
    while text:
        text = text[file.write(text) :]
    return len(whole)


def _write_and_sync(file: FileIO, lines: Sequence[bytes]) -> int:
    count = _write(file, lines)
    os.fsync(file.fileno())
    return count


def _sync_with_name(file: FileIO, path: Path) -> None:
    os.fsync(file.fileno())
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
