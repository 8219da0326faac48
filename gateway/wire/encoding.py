"""Compressed request bodies: gzip is read, within the same limit of bytes; anything else is refused."""

import zlib
from typing import Final

from gateway.domain.errors import InvalidRequest, RequestTooLarge, UnsupportedEncoding

_GZIP: Final = frozenset({"gzip", "x-gzip"})
_NONE: Final = frozenset({"", "identity"})
_GZIP_WINDOW: Final = 16 + zlib.MAX_WBITS


def decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body as it was before it was compressed, of at most ``limit`` bytes.

    Raises:
        UnsupportedEncoding: it is compressed in another way.
        RequestTooLarge: it is larger than that.
        InvalidRequest: it is not whole gzip data.
    """
    named = encoding.strip().lower()
    if named in _NONE:
        return body
    if named not in _GZIP:
        raise UnsupportedEncoding("only gzip bodies are read; send it as it is, or with content-encoding: gzip")
    reader = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = reader.decompress(body, limit + 1)
    except zlib.error:
        raise InvalidRequest("the body is not gzip data, as content-encoding says") from None
    if len(plain) > limit:
        raise RequestTooLarge(f"the body is larger than {limit} bytes")
    if not reader.eof or reader.unused_data:
        raise InvalidRequest("the body is not one whole gzip stream")
    return plain
