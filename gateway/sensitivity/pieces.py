"""Text that is written in pieces: as codes, one sign at a time, or with marks between its parts.

Each opener gives what the pieces say when they are put together. What stands there is looked at as it is, too.
"""

# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from binascii import a2b_base64
from collections.abc import Callable
from functools import partial
from string import ascii_letters, digits
from typing import Final

from gateway.patterns.pattern import Pattern
from gateway.sensitivity.dumps import NEAR, NO_ROW, Token, dumped, run
from gateway.sensitivity.finding import GLANCE, LOOK

Opener = Callable[[str, int], Token | int | None]

_FEW: Final = 10
_DECIMAL, _HEXADECIMAL, _BYTE = 10, 16, 255
_STEP: Final = 4096
"""Codes that are read at once."""
_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"


class _Row:
    """The pattern of codes in a row, which is followed in steps: other threads wait for each."""

    def __init__(self, first: str, unit: str, fewest: int) -> None:
        self.first = re.compile(rf"{first}(?:{unit}){{{fewest},{_STEP}}}")
        self._more = re.compile(rf"(?:{unit}){{1,{_STEP}}}")

    def steps(self, match: "re.Match[str]") -> list[tuple[int, int]]:
        """Return start and end of each step of a row that ``first`` has matched; none of them ends inside of a code."""
        return _steps(self._more, match)


def _steps(more: "re.Pattern[str]", match: "re.Match[str]") -> list[tuple[int, int]]:
    steps = [match.span()]
    while (following := more.match(match.string, steps[-1][1])) is not None:
        steps.append(following.span())
    return steps


def _coded(row: _Row, item: "re.Pattern[str]", base: int, text: str, end: int) -> Token | int | None:
    """Return the text that the codes of characters give, if they are those of text."""
    match = run(row.first, text, end)
    if match is None:
        return NO_ROW
    start = match.start()
    first = item.findall(text, start, min(match.end(), start + NEAR))[:_FEW]
    if not _is_plain(_bytes(first, base), 0):
        return None
    steps = row.steps(match)
    stop = steps[-1][1]
    written = b"".join([_bytes(item.findall(text, *step), base) for step in steps])
    readable = _is_plain(written, len(written) // _FEW)
    return (start, stop, written.decode("latin-1")) if readable else LOOK + (stop - start) // _READ_A_STEP


_READ_A_STEP: Final = 16
"""Characters."""


def _bytes(codes: list[str], base: int) -> bytes:
    """Return the bytes that codes stand for; those beyond a byte as 0."""
    if base == _HEXADECIMAL:
        return bytes.fromhex("".join(codes))
    return bytes([code if code <= _BYTE else 0 for code in (map(int, codes) if base == _DECIMAL else _binary(codes))])


def _binary(codes: list[str]) -> "map[int]":
    return map(partial(int, base=2), codes)


def _is_plain(written: bytes, others: int) -> bool:
    """Return whether bytes are readable ASCII, but for so many of them."""
    return len(written.translate(None, _PLAIN)) <= others


_HEX_ITEM: Final = re.compile(r"[0-9a-fA-F]{2}")
_NUMBER: Final = re.compile(r"\d{2,3}")
_ONE_BY_ONE: Final = re.compile(
    rf"(?<![0-9A-Za-z])[0-9A-Za-z](?P<apart>[^0-9A-Za-z]{{1,6}})[!-~](?:(?P=apart)[ -~](?![0-9A-Za-z])){{5,{_STEP}}}"
    rf"|[0-9A-Za-z](?P<tags>(?:</?[a-z]{{1,8}}>){{1,2}})[!-~](?:(?P=tags)[ -~]){{5,{_STEP}}}"
)


def _one_by_one(text: str, end: int) -> Token | int:
    """Return signs that stand one by one as one word."""
    match = run(_ONE_BY_ONE, text, end)
    if match is None:
        return _NOT_IN_A_ROW
    start, stop = match.span()
    between = re.escape(match["apart"] or match["tags"])
    width = len(match["apart"] or match["tags"]) + 1
    if stop - start >= width * _STEP:
        after = "(?![0-9A-Za-z])" if match["apart"] else ""
        stop = _steps(re.compile(rf"(?:{between}[ -~]{after}){{1,{_STEP}}}"), match)[-1][1]
    return start, stop, text[start:stop:width]


_NOT_IN_A_ROW: Final = 8
"""Steps to see that signs are not one by one, which is usual in code and tables."""


_MARK: Final = (
    r"(?:\*\*|__|~~|`{1,2}|<!--[^<>\n]{0,20}-->|</?[a-z]{1,8}>|=\r?\n|[\"'`][ \t]?[+.&]?[ \t]?[\"'`]|\.?[)\]][ ]?[(\[])"
)
_MARKED: Final = re.compile(rf"[0-9A-Za-z@._-]{{1,64}}(?:{_MARK}[0-9A-Za-z@._ -]{{1,512}}){{1,400}}")
_MARKS: Final = re.compile(_MARK)
_LEAST: Final = 11
_DIGITS: Final = 2


_WORTH: Final = re.compile(r"\d[^\n]{0,60}\d")


def _marked(text: str, end: int) -> Token | int | None:
    """Return a value without the marks between its parts: ``4539**1488**…``, ``"4539" + "1488" + …``."""
    start = end
    while start > max(0, end - 64) and text[start - 1] in _SIGNS:
        start -= 1
    match = _MARKED.match(text, start)
    if match is None or match.end() - start < _LEAST:
        return None
    read = _MARKS.sub("", match[0])
    enough = len(read) >= _LEAST and sum(map(str.isdigit, read)) >= _DIGITS
    return (*match.span(), read) if enough else LOOK + len(match[0]) // _READ_A_STEP


_GROUPED: Final = re.compile(
    r"[0-9A-Za-z@._-]{4}(?P<apart>[^0-9A-Za-z\s,;:()\[\]{}<>\"'=.@/-]{1,3}| [|*] )[0-9A-Za-z@._-]{4}(?:(?P=apart)[0-9A-Za-z@._-]{4}){1,64}(?:(?P=apart)[0-9A-Za-z@._-]{1,4})?"
)


def _grouped(text: str, end: int) -> Token | None:
    """Return groups of four signs, with another sign between them, as one."""
    match = run(_GROUPED, text, end)
    if match is None:
        return None
    read = "".join(match[0].split(match["apart"]))
    return (*match.span(), read) if "@" in read or sum(map(str.isdigit, read)) >= _DIGITS else None


_BITS: Final = _Row(r"(?<![0-9A-Za-z])[01]{8}", r"[ ,]{0,2}[01]{8}", 9)
_BIT_ITEM: Final = re.compile(r"[01]{8}")
_SPACED_BASE64: Final = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{4}(?: [A-Za-z0-9+/_-]{4}){2,}(?: [A-Za-z0-9+/_-]{2,3})?={0,2}"
)


_GROUP: Final = 5
_BASE64_SIGNS: Final = frozenset("+/_-" + ascii_letters + digits)
_WORDS: Final = 4
"""So many words of four letters may stand before it."""
_WHOLE: Final = re.compile(r"[A-Za-z0-9+/]{12}")


def _spaced(text: str, end: int) -> Token | int | None:
    """Return base64 in groups of four, which ends here, without its spaces: it is opened one layer deeper."""
    if text[max(0, end - 4 * _GROUP) : end].islower():  # words
        return GLANCE
    found = [match.span() for match in _SPACED_BASE64.finditer(text, max(0, end - NEAR), end)]
    if not found:
        return None
    start, stop = found[-1]
    while start >= _GROUP and text[start - 1] == " " and _BASE64_SIGNS.issuperset(text[start - _GROUP : start - 1]):
        start -= _GROUP
    for first in range(start, start + _WORDS * _GROUP, _GROUP):
        head = text[first : first + 3 * _GROUP].replace(" ", "").replace("-", "+").replace("_", "/")
        if _WHOLE.fullmatch(head) and not a2b_base64(head).translate(None, _PLAIN):
            return first, stop, text[first:stop].replace(" ", "")
    return _NO_TEXT


_NO_TEXT: Final = 11
"""Steps to see that groups of four are no text."""
_HEXES: Final = _Row(r"(?<![0-9A-Za-z])[0-9a-fA-F]{2}", r"[ :-][0-9a-fA-F]{2}", 9)
_HEX_CODES: Final = _Row(r"0x[0-9a-fA-F]{2}", r",\s{0,8}0x[0-9a-fA-F]{2}", 7)
_QUOTED_CODES: Final = _Row("", r"=[2-7][0-9A-Fa-f]", 8)
_CSS_CODES: Final = _Row("", r"\\0{0,4}[2-7][0-9a-fA-F] ?", 8)
_DECIMALS: Final = _Row(r"(?<![\w.])\d{2,3}", r"(?:, ?| )\d{2,3}", 9)
_CALL: Final = r"[Cc][Hh][Rr]W?\(\d{2,3}\)"
_CALLS: Final = _Row(_CALL, rf"[^0-9A-Za-z]{{1,5}}{_CALL}", 3)


def _marked_at(text: str, end: int) -> Token | int | None:
    return _marked(text, _left(text, end)) if _WORTH.search(text, max(0, end - 64), end + 64) else None


_SIGNS: Final = frozenset("@._-" + ascii_letters + digits)


def _left(text: str, end: int) -> int:
    """Return where the part before a mark ends; the trigger has seen one sign behind the mark."""
    place = end - 2
    while place > max(0, end - 32) and not (text[place] in _SIGNS and _MARKS.match(text, place + 1)):
        place -= 1
    return place + 1


_TEN: Final = 29
"""Characters of ten bytes and what is between them: as many as a trigger has seen."""
_BYTE_BEFORE: Final = re.compile(r"[0-9a-fA-F]{2}[ :-]|..[0-9A-Za-z]", re.DOTALL)


def _hex_row(text: str, end: int) -> Token | int | None:
    """Return the text that a row of bytes gives; most rows begin with other bytes where their trigger begins."""
    start = end - _TEN
    begins = start == 0 or (start > 2 and _BYTE_BEFORE.match(text, start - 3, start) is None)  # noqa: PLR2004
    if begins and not _is_plain(bytes.fromhex(text[start:end].translate(_SPACES)), 0):
        return _NOT_PLAIN
    return _coded(_HEXES, _HEX_ITEM, 16, text, end)


_SPACES: Final = str.maketrans(":-", "  ")
_NOT_PLAIN: Final = 3
"""Steps to see that the first bytes are no text."""


def _hexes(sign: str) -> str:
    """Return the pattern of bytes with a sign between them: one match a run, for more before it do not match."""
    return rf"(?:^|[^0-9A-Fa-f]{sign}|[0-9A-Za-z]{{3}}{sign}|[^{sign}0-9A-Za-z])(?:[0-9a-fA-F]{{2}}{sign}){{9}}[0-9a-fA-F]{{2}}"


FORMS: Final[tuple[tuple[Pattern, Opener], ...]] = (
    *((Pattern(_hexes(sign)), _hex_row) for sign in " :-"),
    (
        Pattern(r"(?:^|[^,\s]\s{0,8})(?:0x[0-9a-fA-F]{2},\s{0,2}){7}0x[0-9a-fA-F]{2}"),
        partial(_coded, _HEX_CODES, re.compile(r"(?<=0x)[0-9a-fA-F]{2}"), 16),
    ),
    (Pattern(r"(?:^|[^=]{3})(?:=[2-7][0-9A-Fa-f]){8}"), partial(_coded, _QUOTED_CODES, _HEX_ITEM, 16)),
    (
        Pattern(r"(?:^|[^\\]{3})(?:\\0{0,4}[2-7][0-9a-fA-F] ?){7}\\0{0,4}[2-7][0-9a-fA-F]"),
        partial(_coded, _CSS_CODES, re.compile(r"[2-7][0-9a-fA-F]"), 16),
    ),
    (
        Pattern(r"(?:^|[^,0-9\s]\s{0,4}|[0-9]{4}\s)(?:\d{2,3}, ?){9}\d{2,3}"),
        partial(_coded, _DECIMALS, _NUMBER, 10),
    ),
    (Pattern(r"(?:^|[^0-9\s]\s{0,4})(?:\d{2,3} ){9}\d{2,3}"), partial(_coded, _DECIMALS, _NUMBER, 10)),
    (Pattern(r"(?:^|[^01 ] ?)(?:[01]{8}[ ,]{0,2}){9}[01]{8}"), partial(_coded, _BITS, _BIT_ITEM, 2)),
    (Pattern(r"(?:^|[^+]..)chrw?\(\d{2,3}\)(?:[^0-9A-Za-z]{1,5}chrw?\(\d{2,3}\)){3}", caseless=True), partial(_coded, _CALLS, _NUMBER, 10)),
    (Pattern(r"(?:^|[^0-9A-Za-z])[0-9a-fA-F]{8}:?[ \t]{1,2}(?:[0-9a-fA-F]{4} |[0-9a-fA-F]{2} {1,2}){4}"), dumped),
    (
        Pattern(
            r"(?:^|[0-9A-Za-z]{2}[^0-9A-Za-z]{1,6}|[^0-9A-Za-z]{7})(?:[0-9A-Za-z][^0-9A-Za-z]{1,6}){7}[0-9A-Za-z](?:[^0-9A-Za-z]|$)"
        ),
        _one_by_one,
    ),
    (
        Pattern(r"[0-9A-Za-z](?:</?[a-z]{1,8}>){1,2}[!-~](?:(?:</?[a-z]{1,8}>){1,2}[!-~]){5}<", caseless=True),
        _one_by_one,
    ),
    (Pattern(r"(?:[0-9A-Za-z@._-]{4}(?:[*|_\x80-\xff?]{1,3}| [|*] )){2}[0-9A-Za-z@._-]{4}[^0-9A-Za-z\s]"), _grouped),
    (Pattern(rf"[0-9A-Za-z@._-]{_MARK}[0-9A-Za-z@._-]"), _marked_at),
    (
        Pattern(
            r"(?:[A-Za-z0-9+/]{4} ){3}[A-Za-z0-9+/]{2,4}(?:=|$|[^ A-Za-z0-9+/=]| [^A-Za-z0-9+/]| [A-Za-z0-9+/]{1,3}[^A-Za-z0-9+/]| [A-Za-z0-9+/]{5})"
        ),
        _spaced,
    ),
)  # fmt: skip
"""What to look for, at most once a run, and how to put it together."""
