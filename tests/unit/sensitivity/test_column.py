"""A header is a label for its whole column."""

import pytest

from gateway.sensitivity.column import below, cells

A, B = "12345671", "12345672"


def read(text: str, word: str = "phone") -> list[str]:
    return [text[slice(*cell)] for cell in cells(text, text.index(word) + len(word))]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"name,phone,city\nAnn,{A},Bonn\nBob,{B},Ulm", [A, B]),
        (f"Please look, it is this:\nname,phone\nAnn,{A}", [A]),
        (f'name,phone\n"Lee, Ann",{A}\n"Say ""x""",{B}', [A, B]),
        (f'"phone","name"\n"{A}","Ann"\n', [A]),
        (f"name;phone number\nAnn;{A}\r\nBob;{B}\r\n", [A, B]),
        (f"phone\tname\n{A}\tAnn", [A]),
        (f"| name | phone |\n|------|:-----:|\n| Ann | {A} |\n| Bob | {B} |", [A, B]),
        (f" id | phone \n----+------\n 1 | {A}\n 2 | {B}\n(2 rows)", [A, B]),
        (f"phone\n{A}\n{B}", [A, B]),
        (f"name,phone\nAnn,{A}\n\nBob,{B}", [A]),
        (f"name,phone\nAnn,{A}\nx\nBob,{B}", [A]),
        (f"name,phone\nAnn,\nBob,{B}", [B]),
        ("name,phone\nAnn,1\nBob,2", []),
        (f"1,2\nname,phone\nAnn,{A}", []),
        ("call me by phone, please\nor write", []),
        ("def f(phone, mail):\n    return 12345, 12345", []),
        ("phone = 1,\nx12345 = 2,", []),
        ("phone", []),
        (f"phone\n{A}", []),
        ("a,b,phone\nnot,a table", []),
        ("phone," + "x," * 70 + "\n" + f"{A}," * 71, []),
    ],
)
def test_cells(text, values):
    assert read(text) == values


def test_only_what_is_a_value_counts():
    text = f"phone,name\nxxxxxx,Ann\n{A},Bob\nyyyyyy,Joe\n{B},Eve"
    hits = below(text, 5, lambda whole, start, end: whole[start:end].isdigit())

    assert [text[hit.start : hit.end] for hit in hits] == [A, B]
    assert below(text, 5, lambda *_: False) == 32 * 6


def test_the_wider_a_table_the_fewer_of_its_rows_are_read():
    row = f"{A}," * 60 + "2\n"
    text = "phone," + "x," * 59 + "y\n" + row * 2_000

    assert 20 < sum(1 for _ in cells(text, 5)) < 100


def test_the_rows_of_a_table_are_no_headers():
    text = "path,size\n" + "phone/x.py,1234567\n" * 3

    assert read(text) == []
