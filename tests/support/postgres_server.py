"""A real PostgreSQL for tests, on a Unix socket: from PATH, else Debian's, else the one in the wheel of `pgserver`."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest

DEBIAN = Path("/usr/lib/postgresql")
_NUMBERS = count(1)


class Postgres:
    """A server that can be stopped and started again."""

    def __init__(self, folder: Path, home: Path, account: str | None, options: Sequence[str] = ()) -> None:
        self._folder, self._home, self._options = folder, home, options
        self._rights = {"user": account} if account else {}
        self._process: subprocess.Popen | None = None

    def make(self) -> None:
        """Make the files of a new cluster."""
        subprocess.run(
            [self._folder / "initdb", "-D", self._home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"],
            check=True, capture_output=True, cwd=self._home, **self._rights,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait for it."""
        command = [
            self._folder / "postgres", "-D", self._home / "data", "-k", self._home, "-c", "listen_addresses=",
            "-c", "fsync=off", "-c", "max_connections=60", *self._options,
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdout=quiet, stderr=quiet, cwd=self._home, start_new_session=True, **self._rights
        )
        for _ in range(200):
            if self._process.poll() is not None:
                raise RuntimeError("PostgreSQL ended as it started")
            try:
                with psycopg.connect(self.url("postgres"), connect_timeout=1):
                    return
            except psycopg.OperationalError:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.1)
        raise RuntimeError("PostgreSQL did not come up")

    def stop(self) -> None:
        """Stop the server; connected clients are cut off."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def database(self) -> str:
        """Make a new database; return its address."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._home}"


def programs(debian: Path = DEBIAN) -> Path | None:
    """Return the folder of the server's programs; the newest of those that Debian installs beside PATH."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    releases = [path for path in debian.glob("*/bin/postgres") if path.parts[-3].isdecimal()]
    if releases:
        return max(releases, key=lambda path: int(path.parts[-3])).parent
    try:
        import pgserver
    except ImportError:
        return None
    return Path(pgserver.__file__).parent / "pginstall" / "bin"


@contextmanager
def postgres(*options: str) -> Iterator[Postgres]:
    """Run a server until the end of the block; options come after those that make tests quick."""
    folder = programs()
    if folder is None:
        missing = "no PostgreSQL server: put `postgres` on PATH or install Debian's package postgresql"
        if os.environ.get("CI"):
            raise RuntimeError(missing)
        pytest.skip(missing)
    account = _account()
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True) as made:
        home = Path(made)
        if account:
            home.chmod(0o755)
            shutil.chown(home, account)
        server = Postgres(folder, home, account, options)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _account() -> str | None:
    """Return whom to run it as: a server refuses to be root's."""
    if os.geteuid():
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"
