"""What calls usually take is learnt, bounded, and never above what they can take."""

import pytest
from support.fakes import policy
from support.replacing import replace

from gateway.domain.facts import Facts
from gateway.estimation import typical as module
from gateway.estimation.typical import ENOUGH, IMAGE_TOKENS, UNKNOWN_OUTPUT, Typical, input_held, true_bound, usual

KIND = ("t", "code", "away")


def learnt(*tokens: int) -> Typical:
    known = Typical()
    for one in tokens:
        known.record(*KIND, one)
    return known


def test_until_there_are_enough_calls_a_stated_default_holds():
    assert learnt(*[5] * (ENOUGH - 1)).output(*KIND) == UNKNOWN_OUTPUT
    assert 5 <= learnt(*[5] * ENOUGH).output(*KIND) < 8


def test_99_of_100_calls_take_no_more_and_a_rare_long_one_does_not_count():
    known = learnt(*[400] * 995, *[32_000] * 4)
    assert 400 <= known.output(*KIND) < 450
    assert learnt(*[400] * 90, *[32_000] * 10).output(*KIND) >= 32_000


def test_what_calls_took_lately_counts_more_than_what_they_took_once():
    known = learnt(*[32_000] * 1000, *[100] * 10_000)
    assert known.output(*KIND) < 120


def test_other_kinds_are_unknown_and_the_oldest_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    known = learnt(*[5] * ENOUGH)
    assert known.output("u", "code", "away") == UNKNOWN_OUTPUT
    known.record("u", "code", "away", 1)
    known.record("v", "code", "away", 1)
    assert known.output(*KIND) == UNKNOWN_OUTPUT


@pytest.mark.parametrize("unit", ["usd", "tokens"])
def test_what_is_usual_is_never_above_the_bound_and_is_the_bound_if_nothing_is_known(unit):
    target = policy().targets["away"]
    facts = Facts("t", "k", "auto", "openai.chat", input_tokens=10, input_bytes=40, max_tokens=32_000)
    bound = true_bound(target, facts, unit)
    assert usual(target, facts, unit, bound) == bound
    for output in (0, 400, 10**9):
        seen = replace(facts, typical=(("away", output),))
        assert 0 < usual(target, seen, unit, bound) <= bound
        assert (usual(target, seen, unit, bound) < bound) == (output < 10**9)
    images = replace(facts, typical=(("away", 1),), needs=("vision",))
    assert usual(target, images, unit, bound) == bound
    seen = replace(images, images=2)
    most = true_bound(target, seen, unit)
    assert usual(target, replace(seen, images=1), unit, most) < usual(target, seen, unit, most) < most


def test_a_hold_was_made_for_all_possible_input_or_for_the_usual():
    target = policy().targets["away"]
    facts = Facts("t", "k", "auto", "openai.chat", input_tokens=10, input_bytes=40, max_tokens=32_000)
    bound = true_bound(target, facts, "usd")
    assert (input_held(target, facts, bound), input_held(target, facts, bound - 1)) == (40, 10)
    assert input_held(target, replace(facts, images=1), bound) == 10 + IMAGE_TOKENS
    assert input_held(target, replace(facts, input_bytes=5), 0) == 5
