"""Names and ids of tools as vendors take them: letters, digits, ``_`` and ``-``, up to a length. Both ways."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from msgspec import Struct

from gateway.wire.translate.hub import Tool

CHAT_LONGEST: Final = 64
MESSAGES_LONGEST: Final = 128
_OTHER: Final = re.compile(r"[^a-zA-Z0-9_-]")
_HEX: Final = 8


class Known(Struct, frozen=True):
    """A tool as the caller knows it."""

    name: str
    namespace: str = ""
    free: bool = False


def fitted(name: str, longest: int) -> str:
    """Return a name as it is sent: as it is if it may be, else with a hash that keeps it apart from others."""
    if 0 < len(name) <= longest and not _OTHER.search(name):
        return name
    mark = sha256(name.encode("utf-8", "replace")).hexdigest()[:_HEX]
    return f"{_OTHER.sub('_', name)[: longest - _HEX - 1]}_{mark}"


def in_namespace(name: str, namespace: str) -> str:
    """Return a name that is unique among all tools, where the dialect has no groups of them."""
    return f"{namespace}__{name}" if namespace else name


def known_as(tools: Iterable[Tool], longest: int) -> Mapping[str, Known]:
    """Return sent name → tool, of those that are not simply what their sent name says; answers are read with it."""
    found = {}
    for tool in tools:
        sent = fitted(in_namespace(tool.name, tool.namespace), longest)
        if sent != tool.name or tool.free:
            found[sent] = Known(tool.name, tool.namespace, tool.free)
    return found
