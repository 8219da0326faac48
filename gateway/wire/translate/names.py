"""Names and ids of tools as vendors take them: letters, digits, ``_`` and ``-``, up to a length. Both ways."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

CHAT_LONGEST: Final = 64
MESSAGES_LONGEST: Final = 128
_OTHER: Final = re.compile(r"[^a-zA-Z0-9_-]")
_HEX: Final = 8


def fitted(name: str, longest: int) -> str:
    """Return a name as it is sent: as it is if it may be, else with a hash that keeps it apart from others."""
    if 0 < len(name) <= longest and not _OTHER.search(name):
        return name
    mark = sha256(name.encode("utf-8", "replace")).hexdigest()[:_HEX]
    return f"{_OTHER.sub('_', name)[: longest - _HEX - 1]}_{mark}"


def renamed(names: Iterable[str], longest: int) -> Mapping[str, str]:
    """Return sent name → asked name of the tools whose names do not fit; answers are read with it."""
    return {sent: name for name in names if (sent := fitted(name, longest)) != name}
