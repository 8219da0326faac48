"""Patterns that an earlier process compiled are loaded and find the same; what is wrong with them is compiled anew."""

from contextlib import contextmanager

import pytest

from gateway.patterns import hyperscan_engine, kept
from gateway.patterns.hyperscan_engine import WORTH_KEEPING, HyperscanMatcher, key_of
from gateway.patterns.pattern import Pattern

PATTERNS = [Pattern(rf"\b{number:03}x", once=number % 2 == 0) for number in range(WORTH_KEEPING)]
TEXT = b"001x 002x 019x 019x 020x"


class InMemory:
    """Keeps in a dictionary, and notes what is asked."""

    def __init__(self):
        self.found, self.asked, self.turns = {}, [], 0

    def get(self, key):
        self.asked.append(key)
        return self.found.get(key)

    def put(self, key, compiled):
        self.found[key] = compiled

    @contextmanager
    def turn(self):
        self.turns += 1
        yield


@pytest.fixture
def place(monkeypatch):
    found = InMemory()
    monkeypatch.setattr(kept._Place, "kept", found)
    return found


@pytest.fixture
def compilations(monkeypatch):
    """The patterns of each compilation of more than a probe."""
    seen, compile_ = [], hyperscan_engine._compile

    def noted(patterns):
        if len(patterns) > 1:
            seen.append(patterns)
        return compile_(patterns)

    monkeypatch.setattr(hyperscan_engine, "_compile", noted)
    return seen


def test_what_was_compiled_once_is_loaded_and_finds_the_same(place, compilations):
    first = HyperscanMatcher(PATTERNS).find(TEXT, 100)
    again = HyperscanMatcher(PATTERNS).find(TEXT, 100)

    assert first == again != []
    assert len(compilations) == 1
    assert list(place.found) == [key_of(PATTERNS)]


@pytest.mark.parametrize("spoilt", [b"", b"no database", "half"])
def test_what_the_engine_does_not_take_is_compiled_and_replaced(place, compilations, spoilt):
    HyperscanMatcher(PATTERNS)
    (key, whole), *_ = place.found.items()
    place.found[key] = whole[: len(whole) // 2] if spoilt == "half" else spoilt

    assert HyperscanMatcher(PATTERNS).find(TEXT, 100) != []
    assert len(compilations) == 2
    assert place.found[key] == whole


def test_who_waited_for_its_turn_looks_once_more(place, compilations, monkeypatch):
    HyperscanMatcher(PATTERNS)
    whole = dict(place.found)
    place.found.clear()

    @contextmanager
    def turn():
        place.found.update(whole)  # the process before has compiled it meanwhile
        yield

    monkeypatch.setattr(place, "turn", turn)
    HyperscanMatcher(PATTERNS)
    assert len(compilations) == 1


@pytest.mark.parametrize(
    "other",
    [
        [*PATTERNS[:-1], Pattern("other", once=False)],
        [*PATTERNS[:-1], Pattern(PATTERNS[-1].expression, once=True)],
        [*PATTERNS[:-1], Pattern(PATTERNS[-1].expression, caseless=True)],
        [*PATTERNS[:-1], Pattern(PATTERNS[-1].expression, utf8=True)],
        PATTERNS[::-1],
        [*PATTERNS, Pattern("more")],
    ],
)
def test_other_patterns_have_another_key(other):
    assert key_of(other) != key_of(PATTERNS)


def test_another_engine_or_cpu_has_another_key(monkeypatch):
    before, dump = key_of(PATTERNS), hyperscan_engine.hyperscan.dumpb
    for first, last in ((4, 8), (12, 20)):  # of the version, and of the platform
        other = bytes(last - first)
        monkeypatch.setattr(
            hyperscan_engine.hyperscan,
            "dumpb",
            lambda one, first=first, last=last, other=other: dump(one)[:first] + other + dump(one)[last:],
        )
        assert key_of(PATTERNS) != before


def test_keys_are_the_same_in_every_process():
    assert key_of(PATTERNS) == key_of(PATTERNS)


def test_few_patterns_are_compiled_at_once(place):
    HyperscanMatcher(PATTERNS[: WORTH_KEEPING - 1])

    assert place.asked == []


def test_a_wrong_expression_among_many_is_an_error_and_nothing_is_kept(place):
    with pytest.raises(ValueError, match=r"."):
        HyperscanMatcher([*PATTERNS, Pattern("(")])
    assert place.found == {}


def test_without_a_place_every_process_compiles(compilations):
    HyperscanMatcher(PATTERNS)
    HyperscanMatcher(PATTERNS)

    assert len(compilations) == 2
