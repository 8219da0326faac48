"""Conditions about keys: the keys that a condition names represent all that it can distinguish."""

import re
from typing import Final

_TOKEN: Final = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\w+|\S""")
_QUOTES: Final = ("'", '"')


def tokens(when: str) -> list[str]:
    """Return the words, strings and signs of a condition."""
    return _TOKEN.findall(when)


def looks_at_keys(when: str | None) -> bool:
    """Return whether a condition looks at the caller's key."""
    return when is not None and "key" in tokens(when)


def keys_named(when: str) -> list[str]:
    """Return all strings in a condition that looks at keys: any of them may be one."""
    words = tokens(when)
    return [word[1:-1] for word in words if word[0] in _QUOTES and word[1:-1]] if "key" in words else []


def only_compares_keys(when: str) -> bool:
    """Return whether a condition does no more with the key than to compare it with strings that it names.

    Then the keys that it names and one that it does not are all there is to try.
    """
    words = ["", "", "", *tokens(when), "", "", ""]
    return all(_compared(words[at - 3 : at], words[at + 1 : at + 4]) for at, word in enumerate(words) if word == "key")


def _compared(left: list[str], right: list[str]) -> bool:
    if right[:2] in (["=", "="], ["!", "="]):
        return right[2].startswith(_QUOTES)
    if right[:2] == ["in", "["]:
        return right[2].startswith(_QUOTES)
    return left[1:] in (["=", "="], ["!", "="]) and left[0].startswith(_QUOTES)
