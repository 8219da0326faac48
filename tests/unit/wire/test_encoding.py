"""gzip bodies are read within the limit; what else is compressed is refused with what to send."""

import gzip
import zlib

import pytest

from gateway.domain.errors import InvalidRequest, RequestTooLarge, UnsupportedEncoding
from gateway.wire.encoding import decoded

BODY = b'{"model": "m"}' * 100
PACKED = gzip.compress(BODY)


@pytest.mark.parametrize("encoding", ["gzip", " X-GZIP ", "identity", ""])
def test_a_body_comes_out_as_it_was(encoding):
    assert decoded(PACKED if "zip" in encoding.lower() else BODY, encoding, len(BODY)) == BODY


REFUSED = {
    "another way": ("br", BODY, UnsupportedEncoding),
    "twice": ("gzip, gzip", PACKED, UnsupportedEncoding),
    "not at all": ("gzip", BODY, InvalidRequest),
    "cut": ("gzip", PACKED[:-9], InvalidRequest),
    "with more behind it": ("gzip", PACKED + b"x", InvalidRequest),
    "zlib": ("gzip", zlib.compress(BODY), InvalidRequest),
    "one byte too long": ("gzip", gzip.compress(BODY + b"x"), RequestTooLarge),
    "a bomb": ("gzip", gzip.compress(b" " * 10**8), RequestTooLarge),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused(name):
    encoding, body, error = REFUSED[name]
    with pytest.raises(error):
        decoded(body, encoding, len(BODY))
