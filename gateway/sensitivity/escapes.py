"""Escapes with a backslash, as JSON and programs write them: what each stands for, and how to undo them fast."""

import re
from functools import lru_cache
from typing import Final

_CODE: Final = (
    r"u([0-9a-fA-F]{4})|x([0-7][0-9a-fA-F])|u\{0{0,6}([0-9a-fA-F]{2,4})\}|U0000([0-9a-fA-F]{4})|([01][0-7]{2})"
)
BACKSLASHES: Final = re.compile(rf"\\\\*(?:{_CODE}|([bfnrt\"'/]))?")
_CODES: Final = re.compile(rf"\\(?:{_CODE})")
_STARTS: Final = ("\\u", "\\x", "\\U", "\\0", "\\1")
_CONTROL: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t", '"': '"', "'": "'", "/": "/"}


def unescaped(text: str) -> str:
    """Do what the pattern and swap of backslashes say, faster: JSON in JSON is little else."""
    count = text.count("\\")
    if count * _SELDOM < len(text):
        return _unescaped_one_by_one(text)
    while "\\\\" in text:
        text = text.replace("\\\\", "\\")
    for letter, plain in _CONTROL.items():
        text = text.replace("\\" + letter, plain)
    if not any(start in text for start in _STARTS):
        return text
    sparse = text.count("\\") * _SHORTEST > len(text)  # most of them are no codes then
    return _CODES.sub(escape, text) if sparse or "\\u{" in text or "\\U" in text else _decoded(text)


_SELDOM: Final = 50
"""Characters a backslash, on average: up to here it is faster to go from one to the next."""


def _unescaped_one_by_one(text: str) -> str:
    """Do the same where there are few of them."""
    first, *rest = text.split("\\")
    pieces = [first]
    last = len(rest) - 1
    for place, piece in enumerate(rest):
        head = piece[:1]
        if head in _CONTROL:
            pieces += (_CONTROL[head], piece[1:])
        elif head in _FIRST:
            match = _CODES.match("\\" + piece[:_LONGEST])
            pieces += ("\\", piece) if match is None else (_escaped(match[0]), piece[match.end() - 1 :])
        elif piece or place == last:  # several in a row are one
            pieces += ("\\", piece)
    return "".join(pieces)


_FIRST: Final = frozenset("uxU01")
"""What codes begin with."""
_LONGEST: Final = 14
"""Characters of the longest code, without its backslash."""


_SHORTEST: Final = 4
"""Characters of the shortest code, its backslash included."""


class _Heads(dict[str, tuple[str, int]]):
    """What follows a backslash → the character that both stand for, and how much of it is the code."""

    def __missing__(self, head: str) -> tuple[str, int]:
        match = _CODES.match("\\" + head)
        self[head] = found = (_escaped(match[0]), match.end() - 1) if match else ("\\", 0)
        return found


_LONG: Final = _Heads()
"""Of ``u`` and four digits."""
_SHORT: Final = _Heads()
"""Of ``x`` and two digits, or three digits."""


def _decoded(text: str) -> str:
    """Do what the pattern of codes and its swap say, faster."""
    first, *rest = text.split("\\")
    return first + "".join(
        [
            (known := _LONG[piece[:5]] if piece[:1] == "u" else _SHORT[piece[:3]])[0] + piece[known[1] :]
            for piece in rest
        ]
    )


def escape(match: re.Match[str]) -> str:
    """Return what a match of ``BACKSLASHES`` or of a code stands for."""
    return _escaped(match[0]) if match.re is _CODES else _escaped_or_sign(match[0])


def _escaped_or_sign(written: str) -> str:
    return _escaped(written[len(written) - len(written.lstrip("\\")) - 1 :]) if written.strip("\\") else "\\"


@lru_cache(maxsize=65536)
def _escaped(written: str) -> str:
    """Return the character that a backslash and what follows it stand for; themselves if it is none."""
    match = BACKSLASHES.fullmatch(written)
    if match is None or written == "\\":
        return written
    code = match[1] or match[2] or match[3] or match[4]
    if code:
        return chr(int(code, 16))
    return chr(int(match[5], 8)) if match[5] else _CONTROL[match[6]]
