"""PDFs behind their port: one worker process, started by the first file, killed when it is late and started again."""

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from subprocess import DEVNULL
from typing import Final

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from gateway.deepscan.pdf_wire import HEAD, LENGTH, READY
from gateway.scanning import off_loop
from gateway.sensitivity.result import Document

COMMAND: Final = (sys.executable, "-m", "gateway.deepscan.pdf_worker")
GRACE_S: Final = 0.05
"""So long a worker that ended may take to be gone; one that is late is killed."""
MOST_BYTES: Final = 32 * 1024 * 1024
MOST_HOPELESS: Final = 1000
HOPELESS_S: Final = 600.0
MOST_ANSWER: Final = 64 * 1024 * 1024
LATE, FAILED, SIZE = Document(why="late"), Document(why="failed"), Document(why="size")


def is_installed() -> bool:
    """Return whether the extra is there, without importing it."""
    return find_spec("pypdf") is not None


@dataclass(slots=True)
class PdfReader:
    """Implements ``gateway.ports.DocumentReader``."""

    environment: Mapping[str, str]
    deadline: float
    """Seconds for all files of one request, waiting included."""
    pages: int
    """A file with more of them is not read."""
    command: Sequence[str] = COMMAND
    _worker: Process | None = None
    _answers: BufferedByteReceiveStream | None = None
    _turn: anyio.Lock = field(default_factory=anyio.Lock)
    _hopeless: dict[bytes, tuple[Document, float]] = field(default_factory=dict)
    """Files that a worker did not get to the end of, by their hash, and until when nobody waits for them again."""

    async def read(self, files: Sequence[bytes]) -> list[Document]:
        """Return what was read of each file, or why it was not."""
        end = anyio.current_time() + self.deadline
        return [await self._read(data, end) for data in files]

    async def close(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with suppress(ProcessLookupError):
            worker.kill()
        with anyio.CancelScope(shield=True):
            await worker.aclose()

    async def _read(self, data: bytes, end: float) -> Document:
        if len(data) > MOST_BYTES:
            return SIZE
        name = await off_loop(lambda: sha256(data).digest(), len(data))
        known, until = self._hopeless.get(name, (FAILED, 0.0))
        if anyio.current_time() < until:
            return known
        with anyio.move_on_after(end - anyio.current_time()):
            async with self._turn:
                answer: bytes | None = None
                # Who hangs up must not leave half a file or a late answer in the pipes for the next one.
                with anyio.CancelScope(shield=True, deadline=end):
                    answer = await self._asked(data, end)
                if answer is None:
                    return self._give_up(name, await self._lost())
            return await off_loop(partial(_document, answer), len(answer))
        return LATE

    async def _asked(self, data: bytes, end: float) -> bytes | None:
        """Return the worker's answer; None if it has ended, or could not be started."""
        try:
            if self._worker is None:
                await self._start()
            assert self._worker is not None
            assert self._worker.stdin is not None
            assert self._answers is not None
            left = max(0.0, end - anyio.current_time())
            await self._worker.stdin.send(HEAD.pack(len(data), left, self.pages))
            await self._worker.stdin.send(data)
            (size,) = LENGTH.unpack(await self._answers.receive_exactly(LENGTH.size))
            return None if size > MOST_ANSWER else await self._answers.receive_exactly(size)
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            return None

    def _give_up(self, name: bytes, why: Document) -> Document:
        while len(self._hopeless) >= MOST_HOPELESS:
            del self._hopeless[next(iter(self._hopeless))]
        self._hopeless[name] = (why, anyio.current_time() + HOPELESS_S)
        return why

    async def _start(self) -> None:
        worker = self._worker = await anyio.open_process(self.command, stderr=DEVNULL, env=dict(self.environment))
        assert worker.stdout is not None
        self._answers = BufferedByteReceiveStream(worker.stdout)
        await self._answers.receive_exactly(len(READY))

    async def _lost(self) -> Document:
        """Return what a file is that its worker did not get to the end of; the next file gets another worker."""
        worker = self._worker
        if worker is None:
            return FAILED
        with anyio.move_on_after(GRACE_S, shield=True):
            await worker.wait()
        ended = worker.returncode
        await self.close()
        return LATE if ended in {None, -signal.SIGXCPU} else FAILED


def _document(answer: bytes) -> Document:
    try:
        found = json.loads(answer)
    except ValueError:
        return FAILED
    return Document(tuple(found.get("texts", ())), found.get("why", ""))
