"""Tier 2 behind its port: one worker process, asked through pipes, killed when it is late and started again.

A child of our own instead of ``anyio.to_process``: that one starts a worker when it is first needed and after each that
was cancelled, so a call would pay two seconds of imports out of half a second; this one is started ahead of need.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL
from typing import Final

import anyio
from anyio.abc import Process, TaskStatus

from gateway.deepscan.worker import CLEAN, FOUND, HEAD, READY
from gateway.domain.label import Category, DataClass, Label, Part

FOUND_PART: Final = Part("secret:tier2", Label(DataClass.RESTRICTED, frozenset({Category.SECRET})))
START_S: Final = 30.0
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
MOST_BYTES: Final = 8 * 1024 * 1024
"""A longer text cannot be scanned within a useful deadline."""
_BUDGET: Final = 0.8
"""What the worker may use of the time left, so that it gives up by itself and need not be killed."""


class WorkerLost(TimeoutError):
    """The worker ended, or could not be called: as with one that is late, it is unknown what is in the text."""


def command(*, uuids: bool = False) -> tuple[str, ...]:
    """Return the worker's command line."""
    return (sys.executable, "-m", "gateway.deepscan.worker", *(["--uuids"] if uuids else []))


@dataclass(slots=True)
class SecretScan:
    """Implements ``gateway.ports.DeepScan``; :meth:`run` must be running."""

    environment: Mapping[str, str]
    deadline: float
    command: Sequence[str]
    _worker: Process | None = None
    _ready: anyio.Event = field(default_factory=anyio.Event)
    _turn: anyio.Lock = field(default_factory=anyio.Lock)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep a worker; the first one is warm when the task counts as started, and a fault of it is one of the start.

        Raises:
            WorkerLost: the first worker did not come up.
        """
        async with await self._started() as worker:
            if not await self._is_warm(worker):
                raise WorkerLost("the worker of tier 2 did not start")
            task_status.started()
            await worker.wait()
        pause = FIRST_PAUSE_S
        while True:
            self._gone()
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            with suppress(OSError):  # no process could be made just now
                async with await self._started() as worker:
                    if await self._is_warm(worker):
                        pause = FIRST_PAUSE_S
                        await worker.wait()
                    else:
                        worker.kill()

    async def look(self, texts: Sequence[str]) -> tuple[Part, ...]:
        """Return the one part if a secret is found, else none.

        Raises:
            TimeoutError: not within the deadline, or the worker was lost.
        """
        text = "\n".join(texts).encode("utf-8", "surrogatepass")
        if not text.strip():
            return ()
        if len(text) > MOST_BYTES:
            raise WorkerLost("the text is too long for a scan in time")
        with anyio.fail_after(self.deadline) as scope:
            async with self._turn:
                await self._ready.wait()
                worker = self._worker
                if worker is None:
                    raise WorkerLost("no worker")
                answer = b""
                # Who hangs up must not leave half a text or a late answer in the pipes for the next one.
                with anyio.CancelScope(shield=True, deadline=scope.deadline):
                    answer = await _asked(worker, text, scope.deadline)
                if not answer:
                    self._discard(worker)
        if answer not in {CLEAN, FOUND}:
            raise WorkerLost("the worker was late, failed or ended")
        return (FOUND_PART,) if answer == FOUND else ()

    async def _started(self) -> Process:
        return await anyio.open_process(self.command, stderr=DEVNULL, env=dict(self.environment))

    async def _is_warm(self, worker: Process) -> bool:
        assert worker.stdout is not None
        with anyio.move_on_after(START_S), suppress(anyio.EndOfStream, anyio.BrokenResourceError):
            if await worker.stdout.receive(1) == READY:
                self._worker = worker
                self._ready.set()
                return True
        return False

    def _discard(self, worker: Process) -> None:
        """Kill a worker that is late; callers wait for the next one, as long as their deadline lets them."""
        if self._worker is worker:
            self._gone()
        with suppress(ProcessLookupError):
            worker.kill()

    def _gone(self) -> None:
        """Let callers wait for the next worker; those who wait already do so for the same event."""
        self._worker = None
        if self._ready.is_set():
            self._ready = anyio.Event()


async def _asked(worker: Process, text: bytes, deadline: float) -> bytes:
    """Return the worker's answer; nothing if it has ended."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    left = max(0.0, deadline - anyio.current_time())
    try:
        await worker.stdin.send(HEAD.pack(len(text), left * _BUDGET) + text)
        return await worker.stdout.receive(1)
    except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        return b""
