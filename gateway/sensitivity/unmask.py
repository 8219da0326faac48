"""Placeholders out, values in: in a whole text, or in one that arrives in pieces cut anywhere."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.sensitivity.vault import Vault


def as_json(value: str) -> str:
    """Return a value as it stands inside of a JSON string."""
    return orjson.dumps(value).decode()[1:-1]


class Unmasker:
    """Restores one text that comes in pieces; what may be the beginning of a placeholder waits for the rest."""

    __slots__ = ("_held", "_longest", "_pattern", "_starts", "_written")

    def __init__(self, vault: Vault, *, inside_json: bool = False) -> None:
        """Take the placeholders that the request got; ``inside_json``: the text is JSON, values are escaped for it."""
        known: Mapping[str, str] = vault.values
        self._written = {name: as_json(value) for name, value in known.items()} if inside_json else dict(known)
        self._pattern = re.compile("|".join(map(re.escape, known)) or r"(?!)")
        self._starts = frozenset(name[:length] for name in known for length in range(1, len(name)))
        self._longest = max(map(len, known), default=1)
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is certain by now."""
        if not self._held and "M" not in piece:
            return piece
        text = self._held + piece
        out: list[str] = []
        done = 0
        for match in self._pattern.finditer(text):
            out += (text[done : match.start()], self._written[match[0]])
            done = match.end()
        cut = self._cut(text, done)
        out.append(text[done:cut])
        self._held = text[cut:]
        return "".join(out)

    @property
    def holds(self) -> bool:
        """Tell whether anything is held back."""
        return bool(self._held)

    def end(self) -> str:
        """Return what was held back: it is no placeholder."""
        held, self._held = self._held, ""
        return held

    def _cut(self, text: str, done: int) -> int:
        """Return where the longest end of the text begins that a placeholder begins with; not before ``done``."""
        start = text.find("M", max(done, len(text) - self._longest + 1))
        while start >= 0:
            if text[start:] in self._starts:
                return start
            start = text.find("M", start + 1)
        return len(text)


def unmask(node: Any, vault: Vault, *, inside_json: bool = False) -> Any:
    """Return a copy of a JSON value in which each placeholder in a string is its value.

    ``arguments`` are JSON inside of a string: there, values are escaped once more.
    """
    if isinstance(node, str):
        unmasker = Unmasker(vault, inside_json=inside_json)
        return unmasker.feed(node) + unmasker.end()
    if isinstance(node, list):
        return [unmask(item, vault) for item in node]
    if isinstance(node, dict):
        return {name: unmask(value, vault, inside_json=name == "arguments") for name, value in node.items()}
    return node
