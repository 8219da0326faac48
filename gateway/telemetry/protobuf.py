"""Parts of protobuf messages, made by hand: building a message object for each costs several times as much."""

import struct
from typing import Final

_MOST_KEPT: Final = 4096
_double: Final = struct.Struct("<d").pack
_ATTRIBUTES: Final = b"\x4a"
"""Field 9 of ``Span``."""
_TEXT, _INT, _DOUBLE = b"\x0a", b"\x18", b"\x21"
"""The fields of ``AnyValue``."""


def varint(number: int) -> bytes:
    """Return a number from 0 on as protobuf has it."""
    if number < 128:  # noqa: PLR2004 -- seven bits a byte
        return _SMALL[number]
    parts = bytearray()
    while number > 127:  # noqa: PLR2004
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


_SMALL: Final = [bytes((number,)) for number in range(128)]


def delimited(tag: bytes, data: bytes) -> bytes:
    """Return a field whose length stands before it."""
    return tag + varint(len(data)) + data


class OwnAttribute:
    """A span's attribute with a value that hardly two spans share: all before the value is kept by its length."""

    def __init__(self, name: str) -> None:
        self._key = delimited(b"\x0a", name.encode())
        self._texts: dict[int, bytes] = {}
        self._ints = {size: self._before(_INT, size) for size in range(1, 11)}
        self._double = self._before(_DOUBLE, 8)

    def text(self, data: bytes) -> bytes:
        """Return it with a text, which is UTF-8."""
        size = len(data)
        before = self._texts.get(size)
        if before is None:
            before = self._before(_TEXT + varint(size), size)
            if size < _MOST_KEPT:
                self._texts[size] = before
        return before + data

    def double(self, value: float) -> bytes:
        """Return it with a floating-point number."""
        return self._double + _double(value)

    def integer(self, value: int) -> bytes:
        """Return it with an integer.

        Raises:
            ValueError: it has more than 64 bits.
        """
        if not -(1 << 63) <= value < 1 << 63:
            msg = f"{value} has more than 64 bits"
            raise ValueError(msg)
        data = varint(value & 0xFFFF_FFFF_FFFF_FFFF)
        return self._ints[len(data)] + data

    def _before(self, tag: bytes, size: int) -> bytes:
        value = len(tag) + size
        end = b"\x12" + varint(value) + tag
        return _ATTRIBUTES + varint(len(self._key) + len(end) + size) + self._key + end
