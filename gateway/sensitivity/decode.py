"""Base64 and hexadecimal: what is readable once decoded is looked at again; archives and PDFs cannot be read."""

import re
import zlib
from base64 import b64decode
from binascii import Error, unhexlify
from typing import Final

from gateway.patterns.pattern import Pattern

BASE64: Final = Pattern(r"(?:^|[^A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{15}")
HEX: Final = Pattern(r"(?:^|[^0-9A-Za-z])[0-9a-fA-F]{22}")
PATTERNS: Final = (BASE64, HEX)
"""Each matches once a run: where the run has become long enough."""
_RUN: Final = re.compile(
    r"[A-Za-z0-9+/_-]{15,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{40,}(?=[\r\n=]|$))*(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{4,})?={0,2}"
)
_LINE: Final = re.compile(r"[A-Za-z0-9+/_-]{15,}={0,2}")
_HEX_RUN: Final = re.compile(r"(?:[0-9a-fA-F]{2}){11,}(?![0-9A-Za-z])")
_WRAPPED: Final = frozenset({60, 64, 72, 76})
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
_PROBE: Final = 4096

Token = tuple[int, int, str | None]
"""Start, end and the readable text, None for what cannot be read."""


def base64_at(text: str, end: int) -> Token | None:
    """Return what a run of base64 that has been long enough at ``end`` stands for."""
    start = end - 15
    match = _LINE.match(text, start)
    if match is None:
        return None
    if match.end() - start in _WRAPPED and text[match.end() : match.end() + 1] in {"\n", "\r"}:
        match = _RUN.match(text, start) or match
    written = "".join(match[0].split()) if "\n" in match[0] else match[0]
    return _token(start, match.end(), written.rstrip("=").translate(_URL_SAFE))


def _token(start: int, end: int, written: str) -> Token | None:
    rest = len(written) % 4
    if rest == 1:
        written, rest = written[:-1], 0
    head = _opened(written[:64] if len(written) > 64 else written)  # noqa: PLR2004 -- most are refused by their beginning
    if head is None:
        return None
    if head.startswith(_ARCHIVES) or (head.startswith(_ZLIB) and _inflates(_opened(written) or b"")):
        return start, end, None
    if not _looks_readable(head):
        return None
    return _read(start, end, _opened(written) or b"")


def hex_at(text: str, end: int) -> Token | None:
    """Return what a run of hexadecimal digits that has been long enough at ``end`` stands for."""
    match = _HEX_RUN.match(text, end - 22)
    if match is None:
        return None
    opened = unhexlify(match[0])
    if opened.startswith(_ARCHIVES):
        return match.start(), match.end(), None
    return _read(match.start(), match.end(), opened) if _looks_readable(opened[:48]) else None


def _opened(written: str) -> bytes | None:
    try:
        return b64decode(written + "=" * (-len(written) % 4))
    except (Error, ValueError):
        return None


def _looks_readable(opened: bytes) -> bool:
    if opened[1::2].count(0) == len(opened[1::2]) > 0:  # UTF-16 of plain letters, as PowerShell takes it
        return True
    return not opened[:9].translate(None, _READABLE) or not _odd(opened)


def _odd(opened: bytes) -> bool:
    """Tell whether bytes are no UTF-8 text."""
    if not opened.translate(None, _READABLE):
        return False
    try:
        text = opened.decode("utf-8", "strict" if len(opened) < 48 else "ignore")  # noqa: PLR2004 -- the head may end in mid-letter
    except UnicodeDecodeError:
        return True
    return (
        len(text.encode()) < len(opened) - 3
        or not text.isprintable()
        and bool(set(text) - {"\n", "\t", "\r"} and any(c < " " and c not in "\n\r\t" for c in text))
    )


def _read(start: int, end: int, opened: bytes) -> Token | None:
    if opened[1::2].count(0) == len(opened[1::2]) > 0:
        return start, end, opened.decode("utf-16-le", "replace")
    odd = len(opened.translate(None, _READABLE))
    if odd * 10 > len(opened) and _odd(opened):
        return None
    return start, end, opened.decode("utf-8", "replace")


def _inflates(opened: bytes) -> bool:
    try:
        return len(zlib.decompressobj().decompress(opened, _PROBE)) > 0
    except zlib.error:
        return False
