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
    name: str = ""
    owner: str = ""

    def stored(self) -> StoredKey:
        """Return what keys are looked up by."""
        return StoredKey(self.id, self.team, self.sha256, self.grants, self.expires)


_ENTRY: Final = TypeAdapter(_Entry)
_FIX: Final = "a list of {id, team, sha256}, optionally with grants, expires, name and owner"


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
        entries, faults = _load(path)
        if faults:
            raise PolicyErrors(faults[:1])
        self._keys = {name: entry.stored() for name, entry in entries.items() if entry is not None}
        self.problem = ""
        """What is wrong with the file as it is now; empty while its keys are the ones in force."""

    def find(self, presented: str, now: float) -> Principal | None:
        """Return the owner of a presented key; None if it is unknown or expired at ``now``."""
        return look_up(self._keys, presented, now)

    def refresh(self) -> bool:
        """Read the file again if it changed; return whether other keys may be in force now.

        A bad entry leaves its key as it was, so that one mistake locks nobody out. All others come into force, and a
        key that the file names no more is revoked. A file that is no list changes nothing.
        """
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._seen:
                return False
            self._seen = stamp
            try:
                entries, faults = _load(self._path)
            except PolicyErrors as error:
                self.problem = str(error)
                return False
            before = self._keys
            self._keys = {
                name: before[name] if entry is None else entry.stored()
                for name, entry in entries.items()
                if entry is not None or name in before
            }
            self.problem = str(PolicyErrors(faults)) if faults else ""
            return True


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError:
        return ()
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size


def listed(path: Path) -> list[dict[str, Any]]:
    """Return what a file says of its keys, never the keys themselves.

    Raises:
        PolicyErrors: it cannot be read, or an entry of it is bad.
    """
    entries, faults = _load(path)
    if faults:
        raise PolicyErrors(faults)
    rows = [entry.model_dump(mode="json", exclude={"sha256"}) for entry in entries.values() if entry is not None]
    return sorted(rows, key=lambda row: str(row["id"]))


def _load(path: Path) -> tuple[dict[str, _Entry | None], list[PolicyError]]:
    """Return the entries by id, None for a bad one, and what is wrong with those.

    Raises:
        PolicyErrors: the file cannot be read, or is not a list.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, 1, "(file)", "cannot be read", "check GATEWAY_KEYS_FILE") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _bad(path, mark.line + 1 if mark else 1, "(file)", "is neither JSON nor YAML", _FIX) from error
    if not isinstance(data, list | None):
        raise _bad(path, 1, "(file)", "input should be a valid list", _FIX)
    entries: dict[str, _Entry | None] = {}
    faults: list[PolicyError] = []
    for number, item in enumerate(data or []):
        name = str(item.get("id")) if isinstance(item, dict) else ""
        try:
            if name in entries:
                faults.append(_fault(path, 1, "id", "duplicate id", "give each key its own id"))
                entries[name] = None
                continue
            entries[name] = _ENTRY.validate_python(item)
        except ValidationError as error:
            entries[name] = None
            fault = error.errors()[0]
            where = ".".join(str(part) for part in (number, *fault["loc"]))
            faults.append(_fault(path, 1, where, str(fault["msg"]).lower(), _FIX))
    return entries, faults


def _fault(path: Path, line: int, key: str, problem: str, fix: str) -> PolicyError:
    return PolicyError(str(path), line, key, problem, fix)


def _bad(path: Path, line: int, key: str, problem: str, fix: str) -> PolicyErrors:
    return PolicyErrors([_fault(path, line, key, problem, fix)])
