"""What the commands on stores share: where the data is, how durations are written, how errors are shown."""

import fcntl
import os
import pwd
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.output import BROKEN, config_option, data_dir_option
from gateway.domain.errors import GatewayError
from gateway.policy.load.errors import PolicyErrors
from gateway.settings import load
from gateway.stores.data_dir import DataDir

if TYPE_CHECKING:
    from gateway.stores.ledger.actions import Actor, Change
    from gateway.stores.ledger.rerating import Corrections

_LONGEST_S: Final = 50 * 366 * 86400
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Duration(click.ParamType[int]):
    """A span of time as people write it, e.g. ``90d``; in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return seconds."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"([1-9]\d{0,5})([smhdw])", value)
        if found is None:
            self.fail(f"'{value}' is not a duration; write it as 30s, 15m, 1h, 7d or 2w", param, ctx)
        seconds = int(found[1]) * _UNITS[found[2]]
        if seconds > _LONGEST_S:
            self.fail(f"'{value}' is longer than 50 years", param, ctx)
        return seconds


anchor_option = click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Chain heads that ledger.anchor wrote outside of the ledger: its file, or a log that contains them.",
)


def store_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where the stores are."""
    return data_dir_option(config_option(command))


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the data is, and who works on it."""

    data: DataDir
    actor: "Actor"
    keys_file: Path | None = None
    """The file that the gateway takes API keys from, if it does."""

    def changing(self, change: "Change") -> AbstractContextManager[None]:
        """Record a change, then make it inside of this scope.

        Raises:
            LedgerUnavailable: it cannot be recorded, so nothing is changed.
        """
        from gateway.stores.ledger.actions import CHANCE_BYTES, recorded  # noqa: PLC0415 -- most commands only read

        return recorded(self.data, self.actor, change, time.time_ns(), secrets.token_bytes(CHANCE_BYTES))

    def book(self, booking: "Corrections", now_ns: int) -> None:
        """Book corrections, recorded as all that is changed.

        Raises:
            LedgerUnavailable: they cannot be recorded or written.
            OSError: the spool cannot be made or written.
        """
        from gateway.domain.ids import RANDOM_BYTES  # noqa: PLC0415 -- as above
        from gateway.stores.ledger.rerating import book  # noqa: PLC0415 -- as above

        with self.changing(booking.change):
            book(self.data, booking.records, now_ns, secrets.token_bytes(RANDOM_BYTES))


def data_dir_of(config: str | None, data_dir: str | None) -> DataDir:
    """Return the data directory; if the settings are invalid, print the faults and exit with 2."""
    return stores_of(config, data_dir).data


def stores_of(config: str | None, data_dir: str | None) -> Stores:
    """Return the data directory and who works on it; if the settings are invalid, print the faults and exit with 2."""
    try:
        settings = load(Path(config) if config else None, {"data_dir": data_dir})
        from gateway.stores.ledger.actions import Actor  # noqa: PLC0415 -- as above

        actor = Actor(actor_name(_login(), settings.actor), "admin", "cli")
        return Stores(DataDir(settings.data_dir, settings.ledger.url), actor, settings.keys_file)
    except PolicyErrors as error:
        click.echo(str(error), err=True)
        raise SystemExit(BROKEN) from error


def ledger_of(config: str | None, data_dir: str | None) -> DataDir:
    """Return the data directory of a gateway that has recorded something; exits with 2 where there is none.

    Nothing is proved or reported about a place that is not there.
    """
    return with_ledger(data_dir_of(config, data_dir))


def with_ledger(data: DataDir) -> DataDir:
    """Return a data directory that has a ledger; exits with 2 if it has none."""
    try:
        there = data.has_ledger()
    except OSError:
        there = False
    if not there:
        problem = "no gateway has recorded anything there, or it cannot be read"
        fix = "name the gateway's data directory with --data-dir DIR or --config FILE"
        click.echo(f"there is no ledger in {data.place}: {problem}; {fix}", err=True)
        raise SystemExit(BROKEN)
    return data


def refuse_pruned(data: DataDir, from_ns: int, what: str) -> None:
    """Refuse what needs single requests of days that were pruned; exits with 2."""
    from gateway.stores.ledger.pruned import ledger_whole_since  # noqa: PLC0415 -- as above

    since = ledger_whole_since(data)
    if from_ns < since:
        click.echo(f"requests before {_day(since)} were pruned: {what} only from that day on", err=True)
        raise SystemExit(BROKEN)


def note_pruned(data: DataDir, from_ns: int) -> None:
    """Say on stderr that a span begins with days that were pruned."""
    from gateway.stores.ledger.pruned import ledger_whole_since  # noqa: PLC0415 -- as above

    since = ledger_whole_since(data)
    if from_ns < since:
        click.echo(f"note: requests before {_day(since)} were pruned, and are not included", err=True)


def _day(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).date().isoformat()


def actor_name(login: str, named: str) -> str:
    """Return how the command line's user is recorded: anybody may set a name, so the login is recorded too."""
    return f"{named} ({login})" if named else login


def _login() -> str:
    """Return the user's login, as the system knows it: ``$USER`` may say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@contextmanager
def alone(data: DataDir) -> Iterator[None]:
    """Keep other commands that correct or prune this ledger away meanwhile; exits with 2 while one is at work.

    A correction of a request that is being removed would correct nothing.
    """
    data.ensure()
    with (data.path / "correcting.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            click.echo("another command is correcting or pruning this ledger: try again once it has ended", err=True)
            raise SystemExit(BROKEN) from error
        yield


@contextmanager
def reported_errors() -> Iterator[None]:
    """Print the error of a store in one line, and exit with 2."""
    try:
        yield
    except GatewayError as error:
        click.echo(error.message, err=True)
        raise SystemExit(BROKEN) from error
    except OSError as error:
        click.echo(f"{error.filename or 'a file'}: {error.strerror}", err=True)
        raise SystemExit(BROKEN) from error
