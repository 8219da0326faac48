"""A text that takes more work than any real one is not read to its end; all of it is counted, never timed."""

import random

import pytest

from gateway.cli.sensitivity.bench import code, log, prose
from gateway.domain.label import DataClass
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity import limits
from gateway.sensitivity.finding import LOOK, Hit, trigger
from gateway.sensitivity.layer import Layer
from gateway.sensitivity.scan import Scanner, scanner_for
from gateway.sensitivity.seams import Text
from gateway.sensitivity.search import Search
from gateway.sensitivity.view import View

PLAIN = SensitivitySpec()
SIZE = 300_000
BUDGET = limits.FEWEST_STEPS + SIZE // limits.BYTES_A_STEP


class Costly:
    """Looks for long at each ``a``, and finds each ``z``."""

    kind = "costly"
    data_class = likely_class = DataClass.CONFIDENTIAL
    categories = frozenset()
    min_distinct = 1

    def __init__(self, steps):
        self.looks = 0
        self.triggers = (
            trigger("a", lambda _text, _end: self.look(steps)),
            trigger("z", lambda _text, end: Hit(end - 1, end)),
        )

    def look(self, steps):
        self.looks += 1
        return steps


def ask(text):
    return {"messages": [{"role": "user", "content": text}]}


def steps_of(text):
    """Return how many steps a scan of a text takes, however many it may."""
    search = Search(scanner_for(PLAIN)._compiled)
    search._steps = before = 10**9
    layer = Layer([Text("", text)])
    search.look(layer)
    return before + len(layer.view.data) // limits.BYTES_A_STEP - search._steps


@pytest.mark.parametrize(("said", "counted"), [(500, 500), (None, LOOK)])
def test_looking_ends_when_the_steps_are_used_up_and_the_text_counts_as_unreadable(said, counted):
    costly = Costly(said)
    found = Scanner(PLAIN, (costly,)).scan(ask(("a" + " " * 59) * 5_000))

    assert costly.looks == BUDGET // counted + 1 if counted > LOOK else costly.looks == 5_000
    assert [one.detector for one in found.findings] == (["unscannable:flood"] if counted > LOOK else [])
    assert (found.label.data_class is DataClass.RESTRICTED) == (counted > LOOK)


def test_what_is_masked_is_found_to_the_end():
    scanner = Scanner(PLAIN, (Costly(500),))
    text = ("a" + " " * 59) * 200 + "z"

    assert scanner.scan(ask(text)).findings[0].detector == "unscannable:flood"
    assert [value.written for value in scanner.values(ask(text), (), lambda _: True, lambda _: False)] == ["z"]


def numbers(chance):
    return " ".join(str(chance.randrange(10)) for _ in range(24)) + "\n"


def rows(chance):
    return ",".join(f"{chance.random():.8f}" for _ in range(6)) + f",{chance.randrange(10**9)}\n"


def dump(chance):
    written = " ".join(f"{chance.randrange(256):02x}" for _ in range(16))
    return f"{chance.randrange(2**32):08x}  {written}  |................|\n"


def lock(chance):
    digest = f"{chance.getrandbits(512):0128x}"
    return f'    "node_modules/p{chance.randrange(999)}": {{"version": "1.2.3", "integrity": "sha512-{digest}"}},\n'


def minified(chance):
    a, b, c = (chance.choice("abcdefghij") for _ in range(3))
    return f"function {a}({b},{c}){{var t={b}.key||{c};return t.token={chance.randrange(99)},{a}({b},t[{c}])}};"


def many(line):
    chance, parts, size = random.Random(1), [], 0
    while size < SIZE:
        parts.append(line(chance))
        size += len(parts[-1])
    return "".join(parts)[:SIZE]


@pytest.mark.parametrize("make", [prose, code, log])
def test_plain_texts_take_a_fifth_of_the_steps(make):
    assert steps_of(make(SIZE)) < BUDGET / 5


@pytest.mark.parametrize("line", [numbers, rows, dump, lock, minified])
def test_tables_dumps_and_programs_take_less_than_all_of_them(line):
    assert steps_of(many(line)) < BUDGET * 0.8


NEAR_MISSES = {
    "sealed values": lambda chance: f"token: AgB{chance.getrandbits(372):062x} bitnami\n",
    "passwords": lambda chance: f"secretKey: {chance.choice('abc')}.{chance.getrandbits(60):x}.name(x)\n",
    "codes of bytes": lambda chance: " ".join(f"{chance.randrange(256):02x}" for _ in range(10)) + "; word word.\n",
    "headers": lambda _: "\nphone,x\nabcdefg,12\nabcdefg,12\n",
    "Kerberos": lambda chance: f"$krb5tgs${chance.randrange(9)}$ and so on it goes ",
    "Aadhaar": lambda chance: (
        f"{chance.randrange(2000, 9999)} {chance.randrange(1000, 9999)} {chance.randrange(1000, 9999)};\n"
    ),
}


@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_no_look_is_so_long_that_the_limit_comes_too_late(kind):
    search = Search(scanner_for(PLAIN)._compiled)
    search.look(Layer([Text("", many(NEAR_MISSES[kind]))]))

    assert search._steps > -1_000


def test_the_way_back_is_read_as_far_as_it_is_asked_for():
    view = View("%41%42" * 20_000)

    assert view.back(1, 2) == (3, 6)
    assert len(view._places[0]._ends) < 10_000
    assert view.back(39_999, 40_000) == (119_997, 120_000)


def test_a_kerberos_hash_is_looked_for_where_its_trigger_is():
    found = scanner_for(PLAIN).scan(ask("$krb5tgs$2 " + "x " * 50 + "$krb5tgs$23$" + "0aB9" * 12))

    assert [(one.detector, one.start) for one in found.findings] == [("secret", 111)]
