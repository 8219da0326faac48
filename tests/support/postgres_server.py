"""A real PostgreSQL for tests: the machine's own, else the one in the wheel of `pgserver`; Unix socket only."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBERS = count(1)


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    socket: Path
    process: subprocess.Popen

    def database(self) -> str:
        """Make a new database; return its address."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.socket}"


def programs() -> Path | None:
    """Return the folder of the server's programs."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    try:
        import pgserver
    except ImportError:
        return None
    return Path(pgserver.__file__).parent / "pginstall" / "bin"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server until the end of the block."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            raise RuntimeError("CI has neither a PostgreSQL server nor the package pgserver: see requirements-dev.lock")
        pytest.skip("no PostgreSQL server, and no package pgserver")
    account = _account()
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True) as made:
        home = Path(made)
        if account:
            home.chmod(0o755)
            shutil.chown(home, account)
        rights = {"user": account} if account else {}
        subprocess.run(
            [folder / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, cwd=home, **rights,
        )  # fmt: skip
        command = [
            folder / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses=", "-c", "fsync=off",
            "-c", "max_connections=60",
        ]  # fmt: skip
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, start_new_session=True, **rights
        )
        server = Postgres(home, process)
        try:
            _wait(server)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast: what is still connected is cut off
            process.wait(30)


def _account() -> str | None:
    """Return whom to run it as: a server refuses to be root's."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def _wait(server: Postgres) -> None:
    for _ in range(200):
        if server.process.poll() is not None:
            raise RuntimeError("PostgreSQL ended as it started")
        try:
            with psycopg.connect(server.url("postgres"), connect_timeout=1):
                return
        except psycopg.OperationalError:
            try:
                server.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    raise RuntimeError("PostgreSQL did not come up")
