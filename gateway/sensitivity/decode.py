"""Base64, base32 and hexadecimal: what is readable once decoded is looked at again; archives cannot be read."""

import re
import zlib
from binascii import a2b_base64, unhexlify
from collections.abc import Callable
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from gateway.patterns.pattern import Pattern
from gateway.sensitivity.dumps import Dumps, Token, dumped
from gateway.sensitivity.finding import GLANCE
from gateway.sensitivity.pieces import FORMS

_SIGNS: Final = ascii_uppercase + ascii_lowercase + "0123456789+/"


def _sign(fits: Callable[[int], bool]) -> str:
    """Return the class of the signs of base64 whose six bits fit."""
    fitting = "".join([sign for bits, sign in enumerate(_SIGNS) if fits(bits)])
    return "[" + fitting + ("_" if "/" in fitting else "") + ("-" if "+" in fitting else "") + "]"


_ANY: Final = "[A-Za-z0-9+/_-]"
_ASCII: Final = _sign(lambda bits: 2 <= bits < 32) + _sign(lambda bits: bits % 16 in {0, 2, 3, 4, 5, 6, 7})  # noqa: PLR2004
"""Two signs of text: a byte of ASCII, and the upper half of another."""
_TEXT: Final = _ASCII + _sign(lambda bits: bits % 4 < 2) + _ANY + _sign(lambda bits: bits < 32 or bits >= 48)  # noqa: PLR2004
"""Three bytes of ASCII, and one that begins a character."""
_LEADS: Final = "|".join(
    (
        _ASCII + _sign(lambda bits: bits % 4 == 3),  # noqa: PLR2004 -- two bytes of ASCII before one that leads others
        _sign(lambda bits: 2 <= bits < 32) + _sign(lambda bits: bits % 16 >= 12) + _ANY,  # noqa: PLR2004 -- one
        _sign(lambda bits: 48 <= bits < 62) + _sign(lambda bits: 8 <= bits % 16 < 12) + _ANY,  # noqa: PLR2004 -- none
    )
)
_OTHERS: Final = rf"(?:H4|KL|[/_]T|BC|e[A-P]|Ql|N3|A[A-P]|\+A){_ANY}|{_ANY}[AQgw][A-D]"
"""Archives, UTF-7, and UTF-16: half of its bytes are zero."""
BASE64: Final = Pattern(rf"(?:^|[^A-Za-z0-9+/_-])(?:{_TEXT}{_ANY}{{10}}|(?:{_LEADS}|{_OTHERS}){_ANY}{{12}})")
"""Fifteen signs whose first ones may be of something readable; most names and hashes are not."""
BASE32: Final = Pattern(r"(?:^|[^A-Za-z0-9+/_-])[A-Z2-7]{16}")
_HEX_ASCII: Final = "(?:[2-7][0-9a-fA-F]|0[9aAdD])"
_HEX_TEXT: Final = (
    rf"{_HEX_ASCII}{{2}}(?:{_HEX_ASCII}|[c-fC-F][0-9a-fA-F])|{_HEX_ASCII}[c-fC-F][0-9a-fA-F][89abAB][0-9a-fA-F]"
    r"|[c-fC-F][0-9a-fA-F][89abAB][0-9a-fA-F]{3}|[0-9a-fA-F]{2}00[0-9a-fA-F]{2}|00[0-9a-fA-F]{4}"
    r"|(?:1[fF]8[bB]|28[bB]5|[fF][dD]37|0422|78[0-9a-fA-F]{2}|425[aA]|377[aA]|504[bB])[0-9a-fA-F]{2}"
)
"""Three bytes that text or an archive may begin with."""
HEX: Final = Pattern(rf"(?:^|[^0-9A-Za-z])(?:{_HEX_TEXT})[0-9a-fA-F]{{16}}")
_LINE: Final = re.compile(r"[A-Za-z0-9+/_-]{15,}={0,2}")
_HEX_RUN: Final = re.compile(r"[0-9a-fA-F]{22,}(?![0-9A-Za-z])")
_BASE32_RUN: Final = re.compile(r"[A-Z2-7]{16,}(?![a-z0189])")
_BASE32_DIGITS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")
_PIECE: Final = 1600
"""Signs of base32 that are read at once: 1,000 bytes."""
_URL_SAFE: Final = str.maketrans("-_", "+/")
_READABLE: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_ARCHIVES: Final = (
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf",
    b"Rar!",
    b"%PDF-",
    b"\x04\x22\x4d\x18",
)
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_MAGIC: Final = (*_ARCHIVES, *_ZLIB)
_PROBE: Final = 4096
_HEAD: Final = 9
"""Bytes that say whether it is worth while to open the rest."""
_NOT_PROMISING: Final = 3
"""Steps to see that they do not."""
_BEYOND_ASCII: Final = 0x80
_PROMISING: Final = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]++|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})*+"
    rb"(?:[\xc2-\xf4][\x80-\xbf]{0,2})?\Z|%s|(?s:.\0){%d}|(?:\0[^\0]){%d}"
    % (b"|".join(map(re.escape, _MAGIC)), _HEAD // 2, _HEAD // 2)
).match
"""The first bytes of a text in UTF-8 or UTF-16, or of an archive; one look, for most names and hashes end here."""


@lru_cache(maxsize=32)
def _lines(width: int) -> "re.Pattern[str]":
    """Return the pattern of base64 that is wrapped at a width."""
    sign = r"[A-Za-z0-9+/_-]"
    return re.compile(
        rf"{sign}{{{width}}}(?:\r?\n[ \t]*{sign}{{{width}}}(?=[\r\n=]|$))*(?:\r?\n[ \t]*{sign}{{2,}})?={{0,2}}"
    )


class Openings:
    """What is encoded in one text. Each place is looked at once, however many triggers there are."""

    def __init__(self, text: str) -> None:
        """Begin at the start of a text."""
        self._text = text
        self._dumps = Dumps(text)
        self._tried = 0
        """Lines up to here have been read as one."""

    def at(self, number: int, end: int) -> Token | int | None:
        """Return what the run stands for that a pattern, by its number, has seen up to ``end``; else the steps it took.

        None: those of a closer look.
        """
        if number == 0:
            return self._base64(end)
        if number == 1:
            return hex_at(self._text, end)
        if number == 2:  # noqa: PLR2004
            return base32_at(self._text, end)
        opener = FORMS[number - 3][1]
        return self._dumps.at(end) if opener is dumped else opener(self._text, end)

    def _base64(self, end: int) -> Token | int | None:
        text, start = self._text, end - 15
        if text.startswith("+A", start):  # as UTF-7 writes what it does not write as ASCII
            return _utf7(text, start)
        written = text[start : start + _HEAD * 4 // 3]
        if written.islower() and written.replace("_", "").isalpha():  # a name: base64 is never like that for so long
            return GLANCE
        if "-" in written or "_" in written:
            written = written.translate(_URL_SAFE)
        if _PROMISING(a2b_base64(written)) is None:  # most names and hashes end here
            return _NOT_PROMISING
        match = _LINE.match(text, start)
        if match is None:
            return None
        width = match.end() - start
        if width % 4 == 0 and start >= self._tried and text[match.end() : match.end() + 1] in {"\n", "\r"}:
            whole = _lines(width).match(text, start) or match
            self._tried = whole.end()
            if (token := _base64_of(whole)) is not None:
                return token
        return _base64_of(match)


_UTF7: Final = re.compile(r"\+([A-Za-z0-9+/]{10,})-?")


def _utf7(text: str, start: int) -> Token | None:
    match = _UTF7.match(text, start)
    if match is None:
        return None
    opened = _opened(match[1][: len(match[1]) - (len(match[1]) % 4 == 1)])
    return _read(*match.span(), opened[: len(opened) // 2 * 2])


def _base64_of(match: "re.Match[str]") -> Token | None:
    written = match[0].rstrip("=")
    if "\n" in written:
        written = "".join(written.split())
    opened = _opened(written[: len(written) - (len(written) % 4 == 1)])
    if opened.startswith(_ARCHIVES) or (opened.startswith(_ZLIB) and _inflates(opened)):
        return match.start(), match.end(), None
    return _read(match.start(), match.end(), opened)


def hex_at(text: str, end: int) -> Token | int | None:
    """Return what a run of hexadecimal digits that has been long enough at ``end`` stands for."""
    if _PROMISING(unhexlify(text[end - 22 : end - 22 + 2 * _HEAD])) is None:
        return _NOT_PROMISING
    match = _HEX_RUN.match(text, end - 22)
    if match is None or len(match[0]) % 2:
        return None
    opened = unhexlify(match[0])
    if opened.startswith(_ARCHIVES) or (opened.startswith(_ZLIB) and _inflates(opened)):
        return match.start(), match.end(), None
    return _read(match.start(), match.end(), opened)


def base32_at(text: str, end: int) -> Token | int | None:
    """Return what a run of base32 that has been long enough at ``end`` stands for."""
    if _PROMISING(_base32(text[end - 16 : end])[:_HEAD]) is None:
        return _NOT_PROMISING
    match = _BASE32_RUN.match(text, end - 16)
    return None if match is None else _read(*match.span(), _base32(match[0]))


def _base32(written: str) -> bytes:
    digits = written.translate(_BASE32_DIGITS)
    opened = b""
    for start in range(0, len(digits), _PIECE):
        piece = digits[start : start + _PIECE]
        bits = len(piece) * 5
        opened += (int(piece, 32) >> bits % 8).to_bytes(bits // 8, "big")
    return opened


def _opened(written: str) -> bytes:
    if "-" in written or "_" in written:
        written = written.translate(_URL_SAFE)
    return a2b_base64(written + "=" * (-len(written) % 4))


def _read(start: int, end: int, opened: bytes) -> Token | None:
    """Return the text that bytes are, in UTF-8 or, as PowerShell takes it, UTF-16; None if they are none."""
    if opened[1::2].count(0) == len(opened) // 2:
        return start, end, opened.decode("utf-16-le", "replace")
    if opened[::2].count(0) == (len(opened) + 1) // 2:
        return start, end, opened.decode("utf-16-be", "replace")
    odd = opened.translate(None, _READABLE)
    if odd and sum(byte < _BEYOND_ASCII for byte in odd[:_PROBE]) * 20 > len(opened):
        return None
    text = opened.decode("utf-8", "replace")
    return None if text.count("\ufffd") * 20 > len(text) else (start, end, text)


def _inflates(opened: bytes) -> bool:
    try:
        return len(zlib.decompressobj().decompress(opened, _PROBE)) > 0
    except zlib.error:
        return False


PATTERNS: Final = (BASE64, HEX, BASE32, *(pattern for pattern, _ in FORMS))
"""Each matches once a run: where the run has become long enough."""
