"""Texts of a request, and the seams between them: values that are cut in two by the end of a part or of a turn."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

_SEAM: Final = 80
"""So much on either side of a seam between two texts is looked at as one."""
_CARD: Final = 13
_TAIL: Final = re.compile(r"\d[\d -]*$", re.ASCII)
_HEAD: Final = re.compile(r"\d[\d -]*", re.ASCII)
_DIGITS: Final = frozenset("0123456789")
_INSIDE: Final = frozenset("@._+-")
"""Signs inside of addresses and numbers."""
_GROUP: Final = re.compile(r"\s{0,4}\d[\d -]{0,20}\s{0,4}", re.ASCII)
_REST: Final = re.compile(r"[^\d\n]{1,24}?(?P<rest>\d{1,15})(?!\d|[.,:/-]\d)", re.ASCII)
"""The other digits after a few words: ``and then 6467``."""


class Text(Struct, frozen=True, gc=False):
    """One string of the request and where it is."""

    path: str
    value: str
    turn: int | None = None
    glue: str = ""
    """What joins it to the text before it; nothing: they have nothing to do with each other."""
    offset: int = 0
    """Where ``value`` starts in the string at the path."""
    speaker: str = ""


class Seam(Text, frozen=True, gc=False):
    """The end of one text and the beginning of another, side by side."""

    cut: int = 0
    """Where the other one begins in ``value``."""
    other: str = ""
    """Its path."""
    other_turn: int | None = None
    other_offset: int = 0
    """Where what is here of it starts in it."""


class Seams:
    """Values that are cut by the end of a part or of a turn, whoever goes on with them."""

    def __init__(self) -> None:
        self._last: dict[str, _End] = {}

    def after(self, text: Text) -> Iterator[Text]:
        """Yield the seams between a text and the ones before it, if a value may go over them."""
        last, spoken = self._last.get(""), self._last.get(text.speaker)
        here = _End(text, _tail(text.value.rstrip()))
        for before in (last,) if spoken is last else (last, spoken):
            if before is None:
                continue
            yield from _seam(before, text, same_turn=before is last and before.text.turn == text.turn)
            if before is last and _GROUP.fullmatch(text.value):
                here = _End(before.text, f"{before.tail} {text.value.strip()}"[-_SEAM:])
        self._last[""] = self._last[text.speaker] = here


class _End(Struct, frozen=True, gc=False):
    """The end of a text, to which the next one may add something."""

    text: Text
    """Where it is; where it starts, for one digit group a part."""
    tail: str


def _tail(text: str) -> str:
    """Return the end of a text; a word that does not fit whole is left out."""
    if len(text) <= _SEAM:
        return text
    cut = re.search(r"\s", text[-_SEAM:])
    return text[-_SEAM:] if cut is None else text[len(text) - _SEAM + cut.end() :]


def _seam(last: _End, text: Text, *, same_turn: bool) -> Iterator[Text]:
    end, start = last.tail, text.value.lstrip()[:_SEAM]
    if not end or not start:
        return
    skipped = len(text.value) - len(text.value.lstrip())
    rest = _REST.match(start)
    joints: tuple[str, ...] = ()
    if same_turn and _goes_on(end[-1]) and _goes_on(start[0]):
        joints = ("", " ")
    elif end[-1] in _DIGITS and start[0] in _DIGITS:
        joints = ("", " ") if _is_long(end, start) else (" ",) if last.text.speaker == text.speaker else ()
    elif end[-1] in _DIGITS and rest is not None and _is_long(end, rest["rest"]):
        skipped += rest.start("rest")
        start, joints = rest["rest"], ("",)
    offset = max(len(last.text.value.rstrip()) - len(end), 0)
    for joint in joints:
        cut = len(end) + len(joint)
        where = (last.text.path, end + joint + start, last.text.turn, "", offset, "")
        yield Seam(*where, cut=cut, other=text.path, other_turn=text.turn, other_offset=skipped)


def _goes_on(character: str) -> bool:
    return character.isalnum() or character in _INSIDE


def _is_long(end: str, start: str) -> bool:
    """Return whether the digits on both sides are enough for a card: shorter ones meet by chance."""
    return sum(len(re.sub(r"\D", "", match[0])) for match in (_TAIL.search(end), _HEAD.match(start)) if match) >= _CARD
