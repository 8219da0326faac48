"""A bad pattern is a fault of the policy file, never a slow scan."""

import pytest

from gateway.patterns.written import Written, problem_of


@pytest.mark.parametrize("expression", [r"PRJ-\d{5}", r"(?i)\bacme-[a-z]{3}\b", "Müller|Ärzte", r"[äöü]{3}\d+"])
def test_everyday_patterns_are_good(expression):
    assert problem_of(expression) is None


@pytest.mark.parametrize(
    ("expression", "problem", "fix"),
    [
        (r"(a)\1", "linear", "back-references"),
        ("(?=a)b", "linear", "look-ahead"),
        (r"\p{Cyrillic}+", "can never match as meant", "write the letters"),
        ("(?<!a)b", "linear", "look-behind"),
        ("(", "missing )", "RE2"),
        ("a*", "match nothing", "at least one"),
        (r"\b", "match nothing", "at least one"),
        ("((a{1,99}){1,99}){1,99}", "linear", "smaller"),
        ("a" * 1001, "longer than", "word list"),
    ],
)
def test_others_are_reported_with_a_fix(expression, problem, fix):
    found = problem_of(expression)
    assert found is not None
    assert problem in found[0]
    assert fix in found[1]


def test_matches_are_spans_of_bytes():
    assert list(Written("ü+").spans("aüü ü".encode())) == [(1, 5), (6, 8)]
