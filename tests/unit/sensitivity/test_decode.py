"""What is readable once decoded is looked at again; archives cannot be read; hashes are left alone."""

import base64
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.patterns.engine import compile_patterns
from gateway.sensitivity.decode import _PROMISING, PATTERNS, Openings

MATCHER = compile_patterns(PATTERNS)
TEXT = "card 4539 1488 0343 6467"


def opened(text: str) -> list[str | None]:
    openings = Openings(text)
    tokens = [openings.at(number, end) for number, end in MATCHER.find(text.encode(), 1000)]
    return [token[2] for token in tokens if isinstance(token, tuple)]


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


HEADS = [
    b"card 4539",
    "größe 12".encode(),
    "卡号 4539".encode(),
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"BZh91",
    b"\xfd7zXZ",
    b"(\xb5/\xfd",
    b"7z\xbc\xaf",
    b"Rar!",
    b"%PDF-",
    b"\x04\x22\x4d\x18",
    b"x\x01",
    b"x\x5e",
    b"x\x9c",
    b"x\xda",
    b"\0c\0a\0r\0d",
    b"c\0a\0r\0d\0",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("rest", [b"\xff\x80\x00" * 8, b"and more text, plain", bytes(range(0x80, 0x98))])
def test_the_patterns_see_all_that_may_be_read_or_is_an_archive(head, rest):
    data = (head + rest)[:24]
    if _PROMISING(data[:9]) is not None:
        for number, written in enumerate((base64.b64encode(data), base64.urlsafe_b64encode(data), data.hex().encode())):
            assert (number // 2, {2: 22}.get(number, 15)) in MATCHER.find(written, 10)


@given(st.text(min_size=3, max_size=12), st.binary(min_size=24, max_size=24))
def test_the_patterns_see_all_text(text, rest):
    data = (text.encode("utf-8", "replace") + rest)[:24]
    if _PROMISING(data[:9]) is not None:
        assert (0, 15) in MATCHER.find(base64.b64encode(data), 10)
        assert (1, 22) in MATCHER.find(data.hex().upper().encode(), 10)


def test_most_names_are_not_even_looked_at():
    names = b"register_callback_of get_connection_pool parse_arguments_from build_request_body"
    assert len(MATCHER.find(names, 10)) < len(names.split()) / 2
