"""Rollouts of one model that hold together and want more than all calls are warned of; those that never do are not."""

import pytest


def rollouts(*some):
    return [
        {"id": f"r{number}", "model": "gpt-*", "to": "home", "percent": percent, **({"when": when} if when else {})}
        for number, (percent, when) in enumerate(some)
    ]


@pytest.mark.parametrize(
    ("some", "ids"),
    [
        ([(60, ""), (60, "")], ["r0", "r1"]),
        ([(60, "team == 'support'"), (60, "")], ["r0", "r1"]),
        ([(60, "team == 'support'"), (60, "team != 'ops'")], ["r0", "r1"]),
        ([(60, "hour > 8"), (60, "hour < 10")], ["r0", "r1"]),
        ([(60, "key == 'a'"), (60, "team == 'ops'"), (50, "key == 'b'")], ["r0", "r1"]),
        ([(40, ""), (40, "stream"), (40, "!has_tools && input_tokens > 5000")], ["r0", "r1", "r2"]),
        ([(60, "budget_left_usd < 5.0"), (60, "budget_left_usd > 4.0")], ["r0", "r1"]),
        ([(60, "data_class >= CONFIDENTIAL"), (60, "'pii' in categories")], ["r0", "r1"]),
        ([(60, "model == 'gpt-5'"), (60, "model.startsWith('gpt-')")], ["r0", "r1"]),
    ],
)
def test_those_that_hold_for_one_call_are_named(warned, some, ids):
    (found,) = warned(rollouts=rollouts(*some))

    assert found.key == f"rollouts[{ids[-1][1:]}].percent"
    assert [name for name in ("r0", "r1", "r2") if f"`{name}`" in found.problem] == ids
    assert "100 %" in found.fix


@pytest.mark.parametrize(
    "some",
    [
        [(60, ""), (40, "")],
        [(100, "")],
        [(60, "team == 'support'"), (60, "team == 'ops'")],
        [(60, "hour < 9"), (60, "hour >= 9")],
        [(100, "input_tokens < 5000"), (100, "input_tokens >= 5000")],
        [(60, "stream"), (60, "!stream")],
        [(60, "data_class <= INTERNAL"), (60, "data_class > INTERNAL")],
        [(60, "budget_left_usd < 5.0"), (60, "budget_left_usd >= 5.0")],
    ],
)
def test_those_that_exclude_each_other_may_move_all(warned, some):
    assert warned(rollouts=rollouts(*some)) == []


def test_rollouts_of_different_models_are_never_added(warned):
    models = [
        {"name": "auto", "candidates": ["home", "spare", "away"]},
        {"name": "a", "incumbent": "away", "candidates": ["home"]},
        {"name": "b", "incumbent": "away", "candidates": ["home"]},
    ]
    moved = [{"id": name, "model": name, "to": "home", "percent": 80} for name in ("a", "b")]

    assert warned(models=models, rollouts=moved) == []


def test_what_would_take_too_long_to_try_is_left_alone(warned):
    many = " && ".join(f"(input_tokens != {n * 10} || max_tokens != {n * 20} || user != '{n}')" for n in range(40))

    assert warned(rollouts=rollouts((60, many), (60, many))) == []
