import pytest

from gateway.domain.errors import InvalidRequest
from gateway.wire import fields


def test_missing_and_null_are_the_default():
    for tree in ({}, {"x": None}):
        assert fields.text(tree, "x") == ""
        assert fields.flag(tree, "x") is False
        assert fields.count(tree, "x") == 0
        assert fields.count(tree, "x", default=1) == 1


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_a_text_is_a_text(value):
    assert fields.text({"x": "y"}, "x") == "y"
    with pytest.raises(InvalidRequest, match="'x' must be a string"):
        fields.text({"x": value}, "x")


@pytest.mark.parametrize("value", [1, "true", []])
def test_a_flag_is_true_or_false(value):
    assert fields.flag({"x": True}, "x") is True
    with pytest.raises(InvalidRequest, match="'x' must be true or false"):
        fields.flag({"x": value}, "x")


@pytest.mark.parametrize("value", [-1, 1.0, True, "5", [], fields.MOST_TOKENS + 1, 10**30])
def test_a_count_is_whole_and_within_what_a_ledger_holds(value):
    assert fields.count({"x": fields.MOST_TOKENS}, "x") == fields.MOST_TOKENS
    with pytest.raises(InvalidRequest, match="'x'"):
        fields.count({"x": value}, "x")


def test_a_model_has_a_name_of_bounded_length():
    assert fields.model({"model": "m" * fields.LONGEST_NAME})
    for tree in ({}, {"model": ""}, {"model": "m" * (fields.LONGEST_NAME + 1)}, {"model": 1}):
        with pytest.raises(InvalidRequest, match="'model'"):
            fields.model(tree)


def test_objects_and_texts_of_anything_else_are_none():
    assert fields.objects([{}, 1, "x", []]) == [{}]
    assert fields.objects({"a": 1}) == []
    assert fields.plain_text("x") == "x"
    assert fields.plain_text([{"text": "a"}, {"text": 1}, "b", {"text": "c"}]) == "ac"
    assert fields.plain_text(None) == ""


@pytest.mark.parametrize(
    ("value", "count"), [(5, 5), (0, 0), (-5, 0), (True, 0), (1.5, 0), ("5", 0), (None, 0), (10**30, 2**31 - 1)]
)
def test_an_upstreams_count_is_whole_and_bounded(value, count):
    assert fields.whole(value) == count
    assert type(fields.whole(value)) is int


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("", ""), ("{", "{"), ({}, "{}"), ({"a": "é"}, '{"a":"é"}'), ([1], "[1]")]
)
def test_arguments_are_json_text_even_if_a_server_gives_the_object(value, text):
    assert fields.arguments(value) == text
