"""API keys from a file that someone else keeps, such as a mounted Secret: read-only, read again when it changes."""

import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.policy.load.errors import PolicyError, PolicyErrors
from gateway.ports import Principal
from gateway.stores.keys.lookup import KEY_ID, StoredKey, look_up


def _timestamp(value: Any) -> Any:
    """Take a date, a time (UTC if it names no zone) or Unix seconds."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return value


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=f"^{KEY_ID}$")
    team: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    grants: frozenset[str] = frozenset()
    expires: Annotated[float | None, BeforeValidator(_timestamp)] = None


_ENTRIES: Final = TypeAdapter(list[_Entry])
_FIX: Final = "a list of {id, team, sha256}, optionally with grants and expires"


class FileKeys:
    """All keys of a file, in memory. Call :meth:`refresh` every second or so."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            PolicyErrors: it cannot be read, or is not a list of keys.
        """
        self._path = path
        self._lock = threading.Lock()
        self._seen = _stamp(path)
        self._keys = _load(path)
        self.problem = ""
        """What is wrong with the file as it is now; empty while its keys are the ones in force."""

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown or expired at ``now``."""
        return look_up(self._keys, presented, now)

    def refresh(self) -> bool:
        """Read the file again if it changed; return whether other keys are in force now. A bad file changes nothing."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._seen:
                return False
            self._seen = stamp
            try:
                self._keys = _load(self._path)
            except PolicyErrors as error:
                self.problem = str(error)
                return False
            self.problem = ""
            return True


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size


def _load(path: Path) -> dict[str, StoredKey]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, 1, "(file)", "cannot be read", "check GATEWAY_KEYS_FILE") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _bad(path, mark.line + 1 if mark else 1, "(file)", "is neither JSON nor YAML", _FIX) from error
    try:
        entries = _ENTRIES.validate_python(data if data is not None else [])
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"]) or "(file)"
        raise _bad(path, 1, where, str(fault["msg"]).lower(), _FIX) from error
    keys = {entry.id: StoredKey(**entry.model_dump()) for entry in entries}
    if len(keys) < len(entries):
        raise _bad(path, 1, "id", "duplicate id", "give each key its own id")
    return keys


def _bad(path: Path, line: int, key: str, problem: str, fix: str) -> PolicyErrors:
    return PolicyErrors([PolicyError(str(path), line, key, problem, fix)])
