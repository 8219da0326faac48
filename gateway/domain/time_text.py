"""Times as people and programs read them: UTC, ISO 8601."""

from datetime import UTC, datetime
from typing import overload


@overload
def utc(at: float) -> str: ...
@overload
def utc(at: None) -> None: ...
@overload
def utc(at: float | None) -> str | None: ...
def utc(at: float | None) -> str | None:
    """Return a Unix time in seconds, to the second; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
