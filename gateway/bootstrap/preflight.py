"""What can be checked before a process is started: policy, files, data directory, addresses, a place for sockets."""

import fcntl
import os
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import orjson

from gateway.bootstrap.compiling import canonical_of
from gateway.bootstrap.sockets import bind_tcp
from gateway.bootstrap.start_error import StartError
from gateway.settings import AdminSettings, EgressSettings, Listen, Settings, environment
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import read_policies
from gateway.supervisor import LONGEST_PLACE, RunDir

SHORT_PLACES: Final = ("/tmp", "/var/tmp")  # noqa: S108 -- what is made there is private


def checked(policies: Path) -> list[str]:
    """Check the policy of a directory; return the variables with the keys of local servers, which the edge may see.

    Raises:
        StartError: the directory or a file cannot be read.
        PolicyErrors: the policy is not valid.
    """
    try:
        files = read_policies(policies)
    except OSError as error:
        where = error.filename or policies
        raise StartError(f"policies: {where}: {_said(error)}; name a directory with --policies DIR") from error
    except UnicodeDecodeError as error:
        raise StartError(f"policies: a file in {policies} is not UTF-8; save it as UTF-8") from error
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
    try:
        data.ensure()
        lock = stack.enter_context((data.path / "lock").open("a"))
    except OSError as error:
        raise StartError(
            f"data_dir: {data.path}: {_said(error)}; give a directory that this user can write with --data-dir DIR"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StartError("another gateway runs on this data directory; give --data-dir DIR") from error


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
