"""W3C Trace Context: one trace from the caller over the gateway to the engine.

Source: W3C Recommendation "Trace Context", 2021-11-23, level 1.
"""

import re
from typing import Final

from gateway.domain.records import TraceRef

_SHAPE: Final = re.compile(
    r"(?!ff|00-.{53})[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?:-.*)?"
)
RANDOM_BYTES: Final = 24


def join(header: str | None, randomness: bytes) -> TraceRef:
    """Return the place of a new server span: below the caller's if the header is valid, else a new trace.

    Args:
        header: the caller's ``traceparent``.
        randomness: 24 bytes, of which the ids are made.
    """
    span = randomness[16:24].hex()
    match = _SHAPE.fullmatch(header or "")
    if match is None or not int(match["trace"], 16) or not int(match["span"], 16):
        return TraceRef(randomness[:16].hex(), span)
    return TraceRef(match["trace"], span, match["span"], sampled=bool(int(match["flags"], 16) & 1))


def header(trace: TraceRef, span: str) -> str:
    """Return the ``traceparent`` that makes ``span`` the parent of what the upstream does."""
    return f"00-{trace.trace}-{span}-{int(trace.sampled):02x}"
