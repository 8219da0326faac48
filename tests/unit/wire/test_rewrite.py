"""What policy changes in a request, and that nothing else is changed."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.target import Params
from gateway.wire.rewrite import apply_params

NAMES = st.sampled_from(["a", "b", "max_tokens", "max_completion_tokens", "temperature"])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5000),
    st.floats(-2, 2),
    st.just("x"),
    st.dictionaries(st.sampled_from("xyz"), st.integers()),
)
TREES = st.dictionaries(st.one_of(NAMES, st.text(max_size=3)), VALUES, max_size=6)
PARAMS = st.builds(
    Params,
    set=st.dictionaries(NAMES, VALUES, max_size=3),
    default=st.dictionaries(NAMES, VALUES, max_size=3),
    drop=st.lists(NAMES, max_size=2).map(tuple),
    clamp=st.dictionaries(NAMES, st.floats(0, 1000), max_size=2),
)


@given(TREES, PARAMS)
def test_neither_the_request_nor_the_policy_is_changed_and_what_policy_does_not_name_stays(tree, params):
    before, policy = copy.deepcopy(tree), copy.deepcopy(params)
    changed, dropped = apply_params(tree, params)
    assert (tree, params) == (before, policy)
    named = {*params.set, *params.default, *params.drop, *params.clamp, "max_completion_tokens"}
    assert [name for name in changed if name not in named] == [name for name in tree if name not in named]
    assert all(changed[name] == tree[name] for name in tree if name not in named)
    assert set(dropped) == set(params.drop) & set(tree)


@given(TREES, PARAMS)
def test_no_number_is_above_its_clamp(tree, params):
    changed, _ = apply_params(tree, params)
    for name, limit in params.clamp.items():
        value = changed.get(name)
        assert isinstance(value, bool) or not isinstance(value, int | float) or value <= limit


@pytest.mark.parametrize(
    ("tree", "params", "expected"),
    [
        ({"a": 1}, Params(drop=("a",)), {}),
        ({}, Params(default={"a": 1}), {"a": 1}),
        ({"a": 2}, Params(default={"a": 1}), {"a": 2}),
        ({"a": None}, Params(default={"a": 1}), {"a": 1}),
        ({"a": 2}, Params(set={"a": 1}), {"a": 1}),
        ({"a": {"x": 1}}, Params(set={"a": {"y": 2}}), {"a": {"x": 1, "y": 2}}),
        ({"a": {"x": 1}}, Params(default={"a": {"x": 2, "y": 2}}), {"a": {"x": 1, "y": 2}}),
        ({"a": 1}, Params(drop=("a",), default={"a": 5}), {"a": 5}),
        ({"max_tokens": 9}, Params(clamp={"max_tokens": 5.0}), {"max_tokens": 5}),
        ({"max_completion_tokens": 9}, Params(clamp={"max_tokens": 5}), {"max_completion_tokens": 5}),
        ({"temperature": 1}, Params(clamp={"temperature": 0.5}), {"temperature": 0.5}),
        ({"temperature": 1.5}, Params(clamp={"temperature": 1}), {"temperature": 1}),
        ({"max_tokens": 3}, Params(clamp={"max_tokens": 5}), {"max_tokens": 3}),
        ({"a": True}, Params(clamp={"a": 0}), {"a": True}),
        ({}, Params(clamp={"max_tokens": 5}), {}),
        ({}, Params(set={"a": 9}, clamp={"a": 5}), {"a": 5}),
    ],
)
def test_each_change_by_itself(tree, params, expected):
    assert apply_params(tree, params)[0] == expected


def test_a_clamped_count_stays_whole():
    changed, _ = apply_params({"max_tokens": 9}, Params(clamp={"max_tokens": 5.0}))
    assert type(changed["max_tokens"]) is int
