"""Which vendor a sealed blob that nobody here has seen comes from, as far as its own form says.

Sessions go on that began before the gateway was there. Their signed thinking and encrypted reasoning may go back to the
vendor whose envelope they are, because only that one can read them. What holds any text or an archive is none: a client
could write anything into such a field. Formats as they stand in the vendors' answers of 2025 and 2026: Anthropic's
``signature`` and ``data`` are base64 of a protobuf message; OpenAI's ``encrypted_content`` is a Fernet token
(https://github.com/fernet/spec).
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 64 * 1024
"""Characters of a seal."""
ANTHROPIC: Final = "api.anthropic.com"
OPENAI: Final = "api.openai.com"
_STANDARD: Final = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_URL_SAFE: Final = re.compile(r"gAAAAA[A-Za-z0-9_-]{60,}={0,2}")
_MODEL: Final = re.compile(rb"claude-[a-z0-9.-]{1,48}")
_ARCHIVES: Final = (
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf",
    b"%PDF",
    b"\x04\x22\x4d\x18",
)
_LEAST: Final = 8
"""Bytes of a piece that may be text; shorter ones are numbers and marks of versions."""
_MOST_READABLE, _LONG = 0.75, 24
"""Share of the letters of ASCII in a piece that is so long, 0.38 in what is encrypted; in a shorter one all but one."""
_READABLE: Final = bytes([*range(0x20, 0x7F), 0x09, 0x0A, 0x0D])
_RUN: Final = re.compile(rb"[\x20-\x7e\t\r\n]{24,}")
"""Once in ten thousand blobs of 64 KB by chance."""
_WINDOW, _FEWEST = 64, 8
"""Bytes that are compared with each other at once, and the fewest of them."""
_FERNET: Final = (9, 16, 32)
"""Bytes of version and time, of what the cipher begins with, of the signature."""
_BLOCK: Final = 16
_SECOND, _NONCE = 2, 12
"""The field of Anthropic's message, and in it of what its cipher begins with, and how long that is."""
_DEPTH, _MOST_FIELDS = 4, 64
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LENGTH: Final = {_EIGHT: 8, _FOUR: 4}


def vendor_of(seal: str) -> str:
    """Return the host of the vendor whose envelope a seal is; empty if it is none that is known, or holds text."""
    if len(seal) > LONGEST:
        return ""
    if _URL_SAFE.fullmatch(seal):
        return OPENAI if _is_fernet(seal) else ""
    if _STANDARD.fullmatch(seal) and _is_signature(seal):
        return ANTHROPIC
    return ""


def _decoded(seal: str, *, url_safe: bool) -> bytes:
    """Return the bytes of a seal; empty if it is not whole base64."""
    altchars = b"-_" if url_safe else None
    try:
        return base64.b64decode(seal + "=" * (-len(seal) % 4), altchars, validate=True)
    except binascii.Error:
        return b""


def _is_fernet(seal: str) -> bool:
    data = _decoded(seal, url_safe=True)
    cipher = len(data) - sum(_FERNET)
    return cipher > 0 and cipher % _BLOCK == 0 and data[0] == 0x80 and _is_random(data[_FERNET[0] :])  # noqa: PLR2004


def _is_signature(seal: str) -> bool:
    """Return whether a seal is a message of one message: a head, something of 12 bytes, and what is encrypted."""
    try:
        outer = list(_fields(_decoded(seal, url_safe=False)))
        inner = next(
            (list(_fields(value)) for number, value in outer if number == _SECOND and isinstance(value, bytes)), []
        )
    except ValueError:
        return False
    messages = [value for number, value in outer if number == _SECOND]
    heads = [value for number, value in inner if number == 1 and isinstance(value, bytes)]
    nonces = [value for number, value in inner if number == _SECOND]
    if len(messages) != 1 or not heads or [len(one) for one in nonces if isinstance(one, bytes)] != [_NONCE]:
        return False
    beside = [value for number, value in outer if number != _SECOND] + [value for _, value in inner]
    return all(_is_opaque(value, _DEPTH) for value in beside if isinstance(value, bytes))


def _is_opaque(value: bytes, depth: int) -> bool:
    """Return whether a field holds nothing that can be read: bytes of a cipher, or a message of such fields."""
    try:
        inside = list(_fields(value)) if depth else []
    except ValueError:
        inside = []
    if not inside:
        return _is_random(value)
    pieces = [one for _, one in inside if isinstance(one, bytes)]
    crumbs = b"".join([one for one in pieces if len(one) < _LONG and not _MODEL.fullmatch(one)])
    return all(_is_opaque(one, depth - 1) for one in pieces) and not any(map(_reads, (value, crumbs)))


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield number and value of each field of a protobuf message.

    Raises:
        ValueError: it is not one.
    """
    place = fields = 0
    while place < len(data):
        fields += 1
        if fields > _MOST_FIELDS:
            raise ValueError("too many")
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        if not number or kind not in {_VARINT, _EIGHT, _BYTES, _FOUR}:
            raise ValueError("no field")
        if kind == _VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        size, place = _varint(data, place) if kind == _BYTES else (_LENGTH[kind], place)
        if place + size > len(data):
            raise ValueError("cut")
        yield number, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004
            return value, place
    raise ValueError("no number")


def _reads(message: bytes) -> bool:
    """Return whether text may be cut into the fields of a message."""
    return len(message) >= _LONG and len(message.translate(None, _READABLE)) < len(message) * (1 - _MOST_READABLE)


def _is_random(piece: bytes) -> bool:
    """Return whether a piece of a seal can be what a cipher makes: neither text nor an archive, nor their code."""
    if len(piece) < _LEAST or _MODEL.fullmatch(piece):
        return True
    if piece.startswith(_ARCHIVES) or _RUN.search(piece):
        return False
    readable = len(piece) - len(piece.translate(None, _READABLE))
    most = _MOST_READABLE if len(piece) >= _LONG else 1 - 1 / len(piece)
    return readable / len(piece) <= most and not _is_text(piece)


def _is_text(piece: bytes) -> bool:
    """Return whether a piece is text of another script: right UTF-8, or every other byte the same as in UTF-16."""
    if len(piece) >= 12:  # noqa: PLR2004
        try:
            piece.decode()
        except UnicodeDecodeError:
            pass
        else:
            return True
    pairs = (piece[place + odd : place + _WINDOW : 2] for place in range(0, len(piece), _WINDOW) for odd in (0, 1))
    return any(len(half) >= _FEWEST and len(set(half)) * 4 <= len(half) for half in pairs)
