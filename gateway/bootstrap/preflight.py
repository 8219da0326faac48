"""What can be checked before a process is started: policy, files, data directory, addresses, a place for sockets."""

import fcntl
import os
import socket
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import orjson

from gateway.bootstrap.apart import apart
from gateway.bootstrap.compiling import canonical_of
from gateway.bootstrap.keeping import Kept, OnWidening, keep
from gateway.bootstrap.sockets import bind_tcp
from gateway.bootstrap.start_error import StartError
from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.settings import AdminSettings, EgressSettings, Listen, Settings, environment
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.kept import KeptPolicy
from gateway.supervisor import LONGEST_PLACE, RunDir

SHORT_PLACES: Final = ("/tmp", "/var/tmp")  # noqa: S108 -- what is made there is private


def kept(policies: Path, data: DataDir, on_widening: OnWidening) -> Kept:
    """Put the policy of a directory into force if it may be; return what came of it. Blocks, without threads.

    Raises:
        StartError: the directory or a file cannot be read.
        PolicyErrors: the policy is not valid, and there is none in force.
    """
    try:
        answer = apart(partial(_kept, policies, KeptPolicy(data.policy), on_widening))
        if answer.startswith(b"["):
            raise PolicyErrors([PolicyError(**fault) for fault in orjson.loads(answer)])
        return msgspec.json.decode(answer, type=Kept)
    except OSError as error:
        where = error.filename or policies
        if Path(where).is_relative_to(data.path):
            raise _unwritable(data, error) from error
        raise StartError(f"policies: {where}: {_said(error)}; name a directory with --policies DIR") from error
    except UnicodeDecodeError as error:
        raise StartError(f"policies: a file in {policies} is not UTF-8; save it as UTF-8") from error


def _kept(policies: Path, place: KeptPolicy, on_widening: OnWidening) -> bytes:
    """Return what came of the files, which is an object, or their faults, which are a list."""
    try:
        return msgspec.json.encode(keep(policies, place, on_widening, time.time_ns()))
    except PolicyErrors as errors:
        return orjson.dumps(errors.errors)


def local_keys(data: DataDir) -> list[str]:
    """Return the variables with the keys of local servers, which the edge may see, by the policy in force.

    Raises:
        PolicyErrors: it is not valid.
        OSError: it cannot be read.
    """
    files = KeptPolicy(data.policy).files() or []
    targets = orjson.loads(canonical_of(files))["targets"].values()
    return sorted({target["local_api_key_env"] for target in targets} - {None})


def check_files(settings: Settings) -> None:
    """Read each file that the settings name for this role.

    Raises:
        StartError: one cannot be read.
    """
    named = {"ticket_key_file": settings.ticket_key_file}
    if settings.role != "egress":
        named |= {
            "keys_file": settings.keys_file,
            "admin_token_file": settings.admin_token_file,
            "salt_file": settings.salt_file,
            "alerts.secret_file": settings.alerts.secret_file,
        }
    for key, path in named.items():
        try:
            if path is not None:
                path.open("rb").close()
        except OSError as error:
            raise StartError(f"{key}: {path}: {_said(error)}; create the file, or change {key}") from error


def hold(data: DataDir, stack: ExitStack) -> None:
    """Make the data directory if it is missing, and hold it for this gateway alone.

    Raises:
        StartError: it cannot be written, or another gateway runs on it.
    """
    made(data)
    try:
        lock = stack.enter_context((data.path / "lock").open("a"))
    except OSError as error:
        raise _unwritable(data, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError("another gateway runs on this data directory; give --data-dir DIR") from error


def made(data: DataDir) -> None:
    """Make the data directory if it is missing.

    Raises:
        StartError: it cannot be written.
    """
    try:
        data.ensure()
    except OSError as error:
        raise _unwritable(data, error) from error


def _unwritable(data: DataDir, error: OSError) -> StartError:
    return StartError(
        f"data_dir: {data.path}: {_said(error)}; give a directory that this user can write with --data-dir DIR"
    )


def bound(settings: Settings, stack: ExitStack) -> dict[str, socket.socket]:
    """Return the listening sockets of what is served here, by name.

    Raises:
        StartError: an address is taken, or not this machine's.
    """
    listeners = {}
    wanted: list[tuple[str, Listen | AdminSettings | EgressSettings, str]]
    if settings.role == "egress":
        wanted = [("egress", settings.egress, "egress.host and egress.port")]
    else:
        wanted = [
            ("data_plane", settings.listen, "--host and --port"),
            ("admin_plane", settings.admin, "--admin-host and --admin-port"),
        ]
    for name, place, choice in wanted:
        try:
            listener = bind_tcp(place.host, place.port)
        except OSError as error:
            raise StartError(
                f"the {name.replace('_', ' ')} cannot listen on {place.host}:{place.port} ({_said(error)}); "
                f"choose another address with {choice}"
            ) from error
        listeners[name] = stack.enter_context(listener)
    return listeners


def run_dir() -> RunDir:
    """Return a new private directory for sockets: in TMPDIR, or in a place with a shorter path.

    Raises:
        StartError: there is no such place.
    """
    try:
        own = environment().get("XDG_RUNTIME_DIR", "")
        places = (tempfile.gettempdir(), *([own] if own else []), *SHORT_PLACES)
        return RunDir.make(places)
    except OSError as error:
        raise StartError(
            f"no directory for sockets ({_said(error)}); "
            f"set TMPDIR to a directory that this user can write, with a path of at most {LONGEST_PLACE} bytes"
        ) from error


def _said(error: OSError) -> str:
    return (error.strerror or os.strerror(error.errno or 0)).lower()
