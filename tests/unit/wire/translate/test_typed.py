"""A value of another shape is the caller's fault, and is told with its place."""

import pytest

from gateway.domain.errors import InvalidRequest
from gateway.wire.translate.hub import Unsupported
from gateway.wire.translate.typed import (
    flag_of,
    number_of,
    object_of,
    objects_of,
    strings_of,
    text_of,
    tool_of,
    word_of,
)


@pytest.mark.parametrize(
    ("reads", "value", "path"),
    [(text_of, 7, "a"), (object_of, [], "a"), (objects_of, {}, "a"), (objects_of, [{}, "x"], "a[1]")],
)
def test_a_value_of_another_shape_is_refused_with_its_place(reads, value, path):
    with pytest.raises(Unsupported) as caught:
        reads(value, "a")
    assert isinstance(caught.value, InvalidRequest)
    assert caught.value.message.startswith(f"{path}: must be")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("bash_20250124", "bash_20250124"),
        ("custom", "custom"),
        ("4539148803436467", "unknown"),
        ("a b", "unknown"),
        (7, "unknown"),
    ],
)
def test_a_message_shows_a_type_only_if_it_is_a_word(value, shown):
    assert word_of(value) == shown


def test_flags_and_numbers_are_what_they_say_or_nothing():
    assert (flag_of({"a": True}, "a"), flag_of({}, "a")) == (True, None)
    assert (number_of({"a": 0.5}, "a"), number_of({}, "a")) == (0.5, None)
    for read, value in ((flag_of, "yes"), (number_of, True), (number_of, "1")):
        with pytest.raises(Unsupported, match=r"^a: must be"):
            read({"a": value}, "a")


def test_a_list_of_strings_names_the_one_that_is_none():
    assert strings_of(["x"], "stop") == ("x",)
    with pytest.raises(Unsupported, match=r"^stop\[1\]: must be a string"):
        strings_of(["x", 7], "stop")


def test_a_tool_has_a_name_and_what_else_it_says():
    tool = tool_of({"name": "f", "description": "d", "strict": True, "cache_control": {"type": "x"}}, {}, "tools[0]")
    assert (tool.name, tool.description, tool.schema, tool.strict, tool.cache) == ("f", "d", {}, True, {"type": "x"})
    with pytest.raises(Unsupported, match=r"^tools\[0\]\.name"):
        tool_of({}, None, "tools[0]")
