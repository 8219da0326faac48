"""A small parent that serves no traffic: it starts edge, egress and ledger, watches them and drains them in order.

Each child is in a process group of its own and holds a pipe; its end of file means that the parent died. A dead child
is started again; the listening sockets are the parent's, so callers wait for a new edge instead of being refused.
"""

import errno
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Protocol

import anyio
from anyio.abc import Process

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
HEALTHY_AFTER_S: Final = 30.0
KILL_AFTER_S: Final = 5.0
START_ERROR: Final = 2
PREFIX: Final = "gateway-"
LONGEST_PLACE: Final = 107 - len(f"/{PREFIX}12345678/edge-9999.sock")
"""A Unix socket's name has at most 107 bytes."""


class EventLog(Protocol):
    """What the supervisor needs of a log."""

    def event(self, name: str, /, level: str = "info", **fields: Any) -> None:
        """Write one event."""


@dataclass(frozen=True, slots=True)
class Child:
    """One child process: what is run, with which environment and descriptors, and how long it may drain."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...]
    key_descriptor: bool
    """True if the child gets the ticket key on a fresh pipe at each start."""
    drain_s: float
    group: str = ""
    """Adjacent children of one group, workers, drain at the same time; without a group a child drains alone."""


@dataclass(slots=True)
class Supervisor:
    """Runs children until it is stopped."""

    children: Sequence[Child]
    """In the order in which they are drained."""
    ticket_key: bytes
    log: EventLog
    release: Callable[[], None] = lambda: None
    """Gives up what is held for children that will not start again, the listening sockets: late callers are refused."""
    run_dir: str = ""
    """Where a child that cannot start leaves the reason, in ``PID.reason``."""
    failed: int = 0
    reason: str = ""
    """Why the first child that could not start could not."""
    running: dict[str, Process] = field(default_factory=dict)

    async def run(self, stop: anyio.Event) -> int:
        """Run until ``stop`` is set; return the exit status: 2 if a child could not start at all."""
        async with anyio.create_task_group() as group:
            for child in self.children:
                group.start_soon(self._keep, child, stop)
            await stop.wait()
            self.release()
            for _, together in groupby(self.children, key=lambda child: child.group or child.name):
                async with anyio.create_task_group() as draining:
                    for child in together:
                        draining.start_soon(self._drain, child)
            group.cancel_scope.cancel()
        return self.failed

    async def _keep(self, child: Child, stop: anyio.Event) -> None:
        """Start a child again and again; an exit status of 2 at the first start is a mistake that no retry mends."""
        pause = FIRST_PAUSE_S
        first = True
        while not stop.is_set():
            began = anyio.current_time()
            try:
                status, reason = await self._once(child)
            except OSError as error:  # no process could be made just now
                status, reason = -(error.errno or 1), ""
            if stop.is_set():
                return
            if first and status == START_ERROR:
                self.failed, self.reason = START_ERROR, reason
                stop.set()
                return
            first = False
            if anyio.current_time() - began > HEALTHY_AFTER_S:
                pause = FIRST_PAUSE_S
            why = {"reason": reason} if reason else {}
            self.log.event("child_died", "error", child=child.name, status=status, again_in_s=pause, **why)
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _once(self, child: Child) -> tuple[int, str]:
        """Run a child to its end; return its status, and what it left as the reason."""
        command = list(child.command)
        key = self._hand_over_key() if child.key_descriptor else None
        descriptors = child.descriptors if key is None else (*child.descriptors, key)
        if key is not None:
            command[-1] = command[-1].replace('"key":null', f'"key":{key}')
        try:
            process = await anyio.open_process(
                command,
                stdin=None,
                stdout=None,
                stderr=None,
                env=dict(child.environment),
                pass_fds=descriptors,
                start_new_session=True,
            )
        finally:
            if key is not None:
                os.close(key)
        self.running[child.name] = process
        self.log.event("child_started", child=child.name, pid=process.pid)
        try:
            status = await process.wait()
            return status, self._reason(process.pid)
        finally:
            self.running.pop(child.name, None)

    def _hand_over_key(self) -> int:
        """Return the read end of a pipe that holds the key; a restarted child gets a pipe of its own."""
        reading, writing = os.pipe()
        os.write(writing, self.ticket_key)
        os.close(writing)
        return reading

    def _reason(self, pid: int) -> str:
        file = Path(self.run_dir, f"{pid}.reason")
        try:
            text = file.read_text(encoding="utf-8").strip()
            file.unlink()
        except OSError:
            return ""
        return text

    async def _drain(self, child: Child) -> None:
        process = self.running.get(child.name)
        if process is None:
            return
        with suppress(ProcessLookupError):  # it may have died a moment ago
            process.send_signal(signal.SIGTERM)
        with anyio.move_on_after(child.drain_s + KILL_AFTER_S):
            await process.wait()
            return
        self.log.event("child_killed", "error", child=child.name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@dataclass(frozen=True, slots=True)
class RunDir:
    """A private directory for sockets."""

    path: str

    @classmethod
    def make(cls, places: Sequence[str]) -> "RunDir":
        """Make it, readable by this user only, in the first place whose path is short enough for a Unix socket's name.

        The first place is the user's choice; of the others only those count in which nobody else may rename it.

        Raises:
            OSError: it can be made in none of them.
        """
        problem = OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        for number, place in enumerate(places):
            if len(os.fsencode(place)) > LONGEST_PLACE or (number and not _is_safe(place)):
                continue
            try:
                return cls(tempfile.mkdtemp(prefix=PREFIX, dir=place))
            except OSError as error:
                problem = error
        raise problem

    def remove(self) -> None:
        """Remove it with its sockets."""
        shutil.rmtree(self.path, ignore_errors=True)


def _is_safe(place: str) -> bool:
    """Return whether only we and root may rename what we make in a directory."""
    try:
        found = Path(place).stat()
    except OSError:
        return False
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid in {0, os.getuid()}
        and not (shared and not found.st_mode & stat.S_ISVTX)
    )


def own_command(role: str, handed: str) -> list[str]:
    """Return the command line of a child; what it is handed comes last. It has no secret: anybody may read it."""
    return [sys.executable, "-m", "gateway", "child", role, "--handed", handed]


def addresses(listeners: Mapping[str, socket.socket]) -> dict[str, str]:
    """Return plane → ``host:port`` as it is really bound."""
    shown = {}
    for name, listener in listeners.items():
        host, port = listener.getsockname()[:2]
        shown[name] = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return shown
