"""A value in disguise is read: in codes, in pieces, with marks between, one sign at a time, backwards, hidden."""

import base64
import zlib

import pytest

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.scan import classify_text, scanner_for

IBAN = "DE89370400440532013000"
TOKEN = "ghp_x7Kd92LmQp04ZvTbRw8sYc3NfHaJ6uEg51Bo"
MAIL = "karla.weiss@novatrix-pharma.de"


def coded(form: str, joint: str = ""):
    return lambda value: joint.join(form.format(ord(letter)) for letter in value)


def in_fours(joint: str):
    return lambda value: joint.join(value[at : at + 4] for at in range(0, len(value), 4))


def encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def dumped(value: str) -> str:
    lines = [value[at : at + 16] for at in range(0, len(value), 16)]
    return "\n".join(
        f"{16 * n:08x}: {in_fours(' ')(line.encode().hex())}  ................" for n, line in enumerate(lines)
    )


DISGUISES = {
    "octal escapes": coded("\\{:03o}"),
    "escapes in braces": coded("\\u{{{:x}}}"),
    "escapes of style sheets": coded("\\{:x} "),
    "padded entities": coded("&#{:07d};"),
    "entities without an end": coded("&#{}"),
    "percent signs three times over": coded("%2525{:02X}"),
    "quoted-printable": coded("={:02X}"),
    "hexadecimal bytes": coded("{:02x}", " "),
    "hexadecimal bytes with colons": coded("{:02x}", ":"),
    "bytes of a program": coded("0x{:02x}", ", "),
    "decimal codes": coded("{}", " "),
    "a list of codes": coded("{}", ", "),
    "calls": coded("chr({})", "+"),
    "bits": coded("{:08b}", " "),
    "a dump": dumped,
    "base32": lambda value: base64.b32encode(value.encode()).decode(),
    "base64 in groups": lambda value: in_fours(" ")(encoded(value)),
    "base64 in short lines": lambda value: "\n".join(encoded(value)[at : at + 20] for at in range(0, 80, 20)).strip(),
    "base64 of UTF-16": lambda value: base64.b64encode(value.encode("utf-16-be")).decode(),
    "zlib in hexadecimal": lambda value: zlib.compress(value.encode()).hex(),
    "tag characters": lambda value: "".join(chr(0xE0000 + ord(letter)) for letter in value),
    "variation selectors": lambda value: "😀" + "".join(chr(0xE0100 + ord(letter) - 16) for letter in value),
    "accents": lambda value: "".join(f"{letter}\u0301" for letter in value),
    "keycaps": lambda value: "".join(f"{letter}\u20e3" for letter in value),
    "tags of HTML": lambda value: "".join(f"<span>{letter}</span>" for letter in value),
    "comments": lambda value: f"{value[:5]}<!-- -->{value[5:9]}<!-- -->{value[9:]}",
    "bold type": lambda value: f"{value[:6]}**{value[6:10]}**{value[10:]}",
    "literals": lambda value: f'"{value[:6]}" + "{value[6:]}"',
    "a list": lambda value: str(list(value)),
    "a space each": " ".join,
    "a bar each": "|".join,
    "brackets": lambda value: "".join(f"({letter})" for letter in value),
    "dots between groups": in_fours("·"),
    "stars between groups": in_fours("*"),
    "a soft line break": lambda value: f"{value[:7]}=\n{value[7:]}",
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("value", [IBAN, TOKEN], ids=["iban", "token"])
def test_it_is_read(disguise, value):
    assert (
        classify_text(f"Please check {disguise(value)} for me.", SensitivitySpec()).data_class is DataClass.RESTRICTED
    )


@pytest.mark.parametrize("name", ["tag characters", "variation selectors", "base32", "quoted-printable", "a list"])
def test_an_address_is_read(name):
    assert (
        classify_text(f"Please check {DISGUISES[name](MAIL)} for me.", SensitivitySpec()).data_class
        >= DataClass.CONFIDENTIAL
    )


def test_what_is_shown_from_right_to_left_is_read_both_ways():
    for shown in (IBAN, IBAN[::-1]):
        assert classify_text(f"see \u202e{shown}\u202c now", SensitivitySpec()).data_class is DataClass.RESTRICTED


def test_the_place_is_that_of_the_disguise():
    text = "see " + coded("{:02x}", " ")(IBAN) + " now"
    (finding,) = scanner_for(SensitivitySpec()).scan({"messages": [{"role": "user", "content": text}]}).findings
    assert text[finding.start : finding.end] == coded("{:02x}", " ")(IBAN)


@pytest.mark.parametrize(
    "text",
    [
        "that this were made from some very good code",
        "00:1a:2b:3c:4d:5e and 10 20 30 40 50 60 70 80 90 11 12",
        "f(a)(b)(c)(d)(e)(f)(g)(h) x**2 + y**2",
        "const x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];",
        "static const uint8_t key[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};",
        "JBSWY3DPEHPK3PXP and a table: 一二三四五六七八九",
        "list_item_name_that_is_long and read_only_file_here",
    ],
)
def test_what_is_no_disguise_is_left_alone(text):
    assert classify_text(text, SensitivitySpec()).data_class is DataClass.PUBLIC


@pytest.mark.parametrize(
    "write",
    [
        " ".join,
        "<b></b>".join,
        coded("{:02x}", " "),
        coded("0x{:02x}", ", "),
        coded("{:d}", ", "),
        coded("{:08b}", " "),
    ],
)
def test_what_is_at_the_end_of_a_long_row_is_read(write):
    text = "nothing-" * 1300 + "4539148803436467"
    assert classify_text(write(text), SensitivitySpec()).data_class is DataClass.RESTRICTED
