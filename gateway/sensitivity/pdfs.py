"""Where the PDFs of a request are, and their bytes."""

import re
from base64 import b64decode
from typing import Any, Final

from gateway.domain.files import PDF, data_of
from gateway.sensitivity.walk import unreadable

_PREFIX: Final = re.compile(r"data:application/pdf;base64,", re.IGNORECASE)
_HINTS: Final = (b"pdf", b"PDF", b"JVBERi")
"""One of these is in every body with a PDF that says what it is; another one is not read."""


def may_hold_pdfs(body: bytes) -> bool:
    """Return whether a body may hold a PDF; far faster than looking."""
    return any(hint in body for hint in _HINTS)


def pdfs(tree: Any) -> dict[str, bytes | None]:
    """Return the bytes of each PDF that is in a request, by its base64; None where that is none."""
    found: dict[str, bytes | None] = {}
    rest = [tree]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            if unreadable(node) == PDF and (data := data_of(node)) and data not in found:
                found[data] = _bytes(data)
            rest += node.values()
        elif isinstance(node, list):
            rest += node
    return found


def _bytes(data: str) -> bytes | None:
    match = _PREFIX.match(data)
    try:
        return b64decode(data[match.end() if match else 0 :], validate=True)
    except ValueError:
        return None
