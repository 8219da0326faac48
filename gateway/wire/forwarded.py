"""Which of a caller's headers reach an upstream, and in which form: versions and flags, nothing that can carry a text.

Headers are not scanned, so their values are held to a form in which nothing can hide. The edge takes out what has
another form, and the egress does so again.
"""

import re
from collections.abc import Mapping
from typing import Final

MOST_FLAGS: Final = 16
_VERSION: Final = re.compile(r"\d{4}-\d\d-\d\d")
_FLAG: Final = re.compile(r"[a-z]+(?:-[a-z]+|-\d{1,4}[kmbx]?|-\d{8}){0,7}(?:-\d{4}-\d\d-\d\d)?")
"""As vendors write them: ``prompt-caching-2024-07-31``, ``context-1m-2025-08-07``."""
_LONGEST_FLAG: Final = 64
_MOST_DIGITS: Final = 12
"""Of one flag: its date, and a size."""
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_MEDIA: Final = frozenset({"application/json", "text/event-stream"})


def forwarded(headers: Mapping[str, str], *, closed: bool) -> dict[str, str]:
    """Return the headers that go on, each in a form that holds no text. ``tracestate`` stays inside of the house."""
    kept: dict[str, str] = {}
    for name, value in headers.items():
        clean = _clean(name, value, closed=closed)
        if clean:
            kept[name] = clean
    return kept


def _clean(name: str, value: str, *, closed: bool) -> str:
    """Return a header's value as it may go on; empty if it may not."""
    if name == "anthropic-version":
        return value if _VERSION.fullmatch(value) else ""
    if name == "anthropic-beta":
        flags = [flag.strip() for flag in value.split(",")][:MOST_FLAGS]
        return ",".join(flag for flag in flags if _is_flag(flag))
    if name == "traceparent":
        return value if _TRACEPARENT.fullmatch(value) else ""
    if name in {"accept", "content-type"}:
        return value if value in _MEDIA else ""
    return value if name == "tracestate" and not closed else ""


def _is_flag(flag: str) -> bool:
    digits = sum(character.isdigit() for character in flag)
    return len(flag) <= _LONGEST_FLAG and digits <= _MOST_DIGITS and _FLAG.fullmatch(flag) is not None
