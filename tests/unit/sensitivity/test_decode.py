"""What is readable once decoded is looked at again; archives cannot be read; hashes are left alone."""

import base64
import gzip
import zlib

import pytest

from gateway.patterns.engine import compile_patterns
from gateway.sensitivity.decode import PATTERNS, Openings

MATCHER = compile_patterns(PATTERNS)
TEXT = "card 4539 1488 0343 6467"


def opened(text: str) -> list[str | None]:
    openings = Openings(text)
    tokens = [openings.at(number, end) for number, end in MATCHER.find(text.encode(), 1000)]
    return [token[2] for token in tokens if token is not None]


@pytest.mark.parametrize(
    "written",
    [
        base64.b64encode(TEXT.encode()).decode(),
        base64.urlsafe_b64encode(TEXT.encode()).decode().rstrip("="),
        TEXT.encode().hex(),
        base64.b64encode(TEXT.encode("utf-16-le")).decode(),
    ],
)
def test_texts_are_opened(written):
    assert TEXT in opened(f"x {written} y")


def test_wrapped_lines_are_one():
    long = TEXT * 12
    assert long in opened(base64.encodebytes(long.encode()).decode())


@pytest.mark.parametrize(
    "data", [gzip.compress(b"x", mtime=0), zlib.compress(b"x" * 99), b"PK\x03\x04" + bytes(20), b"%PDF-1.7 and so on"]
)
def test_archives_cannot_be_read(data):
    assert None in opened(base64.b64encode(data).decode())


@pytest.mark.parametrize(
    "text",
    [
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
        base64.b64encode(bytes(range(100, 200))).decode(),
        "internationalisation_of_names",
    ],
)
def test_hashes_and_names_are_left_alone(text):
    assert opened(text) == []
