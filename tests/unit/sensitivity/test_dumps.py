"""A dump of bytes is read as what it says, and no line of it once for each line before."""

import random

from gateway.sensitivity.dumps import Dumps, dumped

TEXT = b"the card is 4539 1488 0343 6467 and nothing else is to be said of it at all here"


def lines_of(data: bytes) -> list[str]:
    rows = [data[place : place + 16] for place in range(0, len(data), 16)]
    return [f"{16 * number:08x}  {row.hex(' ')}  |................|\n" for number, row in enumerate(rows)]


def test_a_dump_says_what_its_bytes_are():
    assert dumped("".join(lines_of(TEXT)), 22)[2] == TEXT.decode()


def test_text_behind_other_bytes_is_found():
    lines = lines_of(bytes(range(160, 192)) + TEXT)
    text = "".join(lines)
    ends = [sum(map(len, lines[:number])) + 22 for number in range(len(lines))]
    dumps = Dumps(text)
    found = [dumps.at(end) for end in ends]

    assert [isinstance(one, tuple) for one in found[:3]] == [False, False, True]
    assert found[2][2] == TEXT.decode()


def test_a_dump_that_is_no_text_is_read_once():
    lines = lines_of(random.Random(2).randbytes(32_000))
    dumps, text = Dumps("".join(lines)), 0
    reads = 0
    for line in lines:
        reads += dumps.at(text + 22) is None
        text += len(line)

    assert reads < len(lines) / 20
