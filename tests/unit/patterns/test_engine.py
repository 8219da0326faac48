"""Both engines hold to one contract."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.patterns.engine import ENGINES, compile_patterns
from gateway.patterns.pattern import Flood, Pattern

BY_ENGINE = pytest.mark.parametrize("engine", ENGINES)


@BY_ENGINE
def test_every_match_is_reported_with_its_pattern_and_its_end(engine):
    matcher = compile_patterns([Pattern(r"\d{3}"), Pattern("ab"), Pattern("cd", caseless=True)], engine)

    assert sorted(matcher.find(b"ab 1234 CD ab", 10)) == [(0, 6), (0, 7), (1, 2), (1, 13), (2, 10)]


@BY_ENGINE
def test_a_pattern_requested_once_is_reported_once(engine):
    matcher = compile_patterns([Pattern("a+", once=True)], engine)

    assert len(matcher.find(b"aa aa aa", 10)) == 1


@BY_ENGINE
def test_bytes_are_characters_unless_it_is_utf8(engine):
    latin = compile_patterns([Pattern("a.b")], engine)
    utf8 = compile_patterns([Pattern("aü?.b", utf8=True)], engine)

    assert latin.find("aüb".encode("latin-1"), 10) == [(0, 3)]
    assert utf8.find("aüäb".encode(), 10) == [(0, 6)]


@BY_ENGINE
def test_more_matches_than_asked_for_are_a_flood(engine):
    matcher = compile_patterns([Pattern("@")], engine)

    assert len(matcher.find(b"@" * 5, 5)) == 5
    with pytest.raises(Flood):
        matcher.find(b"@" * 6, 5)
    assert matcher.find(b"", 0) == []


@BY_ENGINE
@pytest.mark.parametrize("expression", ["(", r"(a)\1", "(?=a)b"])
def test_what_cannot_run_in_linear_time_does_not_compile(engine, expression):
    with pytest.raises(ValueError, match=r"."):
        compile_patterns([Pattern(expression)], engine)


@BY_ENGINE
def test_threads_share_a_matcher(engine):
    matcher = compile_patterns([Pattern("@")], engine)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(matcher.find(b"@ " * 500, 1000)), range(200)))

    assert set(counts) == {500}


def test_without_hyperscan_re2_takes_over(monkeypatch):
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    monkeypatch.delitem(sys.modules, "gateway.patterns.hyperscan_engine", raising=False)

    assert type(compile_patterns([Pattern("a")])).__name__ == "Re2Matcher"


def test_without_any_engine_nothing_is_pretended(monkeypatch):
    for name in ("hyperscan", "re2"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, f"gateway.patterns.{name}_engine", raising=False)

    with pytest.raises(ImportError):
        compile_patterns([Pattern("a")])
