"""Every string of a request is visited, and what cannot be read is reported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sensitivity.seams import Text
from gateway.sensitivity.walk import Unscannable, walk

CARD = "4539148803436467"
KEYS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["messages", "content", "text", "type", "role", "tools", "input", "arguments", "image_url", "name"]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def strings(node) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    return [text for value in node for text in strings(value)] if isinstance(node, list) else []


def keys(node) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*(keys(value) for value in node.values()))
    return set().union(*(keys(value) for value in node)) if isinstance(node, list) else set()


def texts(tree) -> list[str]:
    return [item.value for item in walk(tree) if isinstance(item, Text)]


def unreadable(*parts, role="user") -> list[str]:
    tree = {"messages": [{"role": role, "content": list(parts)}]}
    return [item.part_type for item in walk(tree) if isinstance(item, Unscannable)]


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_every_string_is_visited(tree):
    seen = texts(tree)
    for text in strings(tree):
        assert text in seen


@given(st.dictionaries(st.text("QZX", min_size=1, max_size=4), VALUES, max_size=5))
def test_every_key_that_is_not_the_protocols_own_is_visited_and_never_part_of_a_path(tree):
    items = list(walk({"messages": [{"content": tree}], "tools": [{"x": tree}]}))
    seen = [item.value for item in items if isinstance(item, Text)]
    assert set(tree) <= set(seen)
    assert not any(letter in item.path for item in items for letter in "QZX")


@pytest.mark.parametrize(
    "tree",
    [
        {"messages": [{"role": "user", "content": CARD}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": CARD}]}]},
        {"messages": [{"role": "tool", "content": CARD}]},
        {
            "messages": [
                {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": json.dumps({"c": CARD})}}]}
            ]
        },
        {"messages": [{"role": "user", "content": [{"type": "tool_use", "input": {"deep": [{"c": CARD}]}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_use", "input": {"c": int(CARD)}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_use", "input": {"c": float(CARD)}}]}]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": CARD}]}]}
            ]
        },
        {"messages": [{"role": "user", "content": [{"type": "thinking", "thinking": CARD}]}]},
        {"messages": [{"role": "user", "name": CARD}]},
        {"system": CARD},
        {"system": [{"type": "text", "text": CARD}]},
        {"tools": [{"function": {"description": CARD}}]},
        {"tools": [{"function": {"parameters": {"properties": {CARD: {"type": "string"}}}}}]},
        {"tools": [{"input_schema": {"properties": {"x": {"enum": [CARD]}}}}]},
        {"response_format": {"json_schema": {"schema": {"description": CARD}}}},
        {"metadata": {CARD: "x"}},
        {"stop": [CARD]},
        {"user": CARD},
        {"prediction": {"type": "content", "content": CARD}},
        {"unknown": {"field": [[CARD]]}},
        {CARD: 1},
        {"number": int(CARD)},
    ],
)
def test_a_secret_is_seen_wherever_it_stands(tree):
    assert any(CARD in text for text in texts(tree))


@pytest.mark.parametrize("number", [True, 0, 1234567, 1.5, 0.7, -3])
def test_small_numbers_are_no_texts(number):
    assert texts({"x": number}) == ["x"]


class TestUnscannable:
    """Images, files, audio and what nobody knows."""

    @pytest.mark.parametrize(
        "kind", ["image", "image_url", "document", "file", "input_audio", "input_file", "video_url"]
    )
    def test_media_cannot_be_read(self, kind):
        assert unreadable({"type": kind}) == [kind]

    @pytest.mark.parametrize("kind", ["of the future", "", 5, [], "redacted_thinking"])
    def test_a_type_that_nobody_knows_is_named_by_our_word(self, kind):
        assert unreadable({"type": kind}) == ["unknown"]

    @pytest.mark.parametrize(
        "kind", ["text", "input_text", "output_text", "refusal", "thinking", "tool_use", "tool_result"]
    )
    def test_texts_can(self, kind):
        assert unreadable({"type": kind, "text": "x"}) == []

    def test_a_role_does_not_make_an_image_a_turn(self):
        assert unreadable({"type": "image_url", "role": "user", "image_url": {"url": "x"}}) == ["image_url"]

    @pytest.mark.parametrize("key", ["image_url", "input_audio", "video_url", "image"])
    def test_a_part_without_a_type_is_what_it_holds(self, key):
        assert unreadable({key: {"url": "x"}}) == [key]

    def test_a_key_that_is_media_under_no_known_name_is_unknown(self):
        assert unreadable({"image_embeds": "x"}) == ["unknown"]

    def test_an_image_inside_a_tools_result_is_seen(self):
        assert unreadable({"type": "tool_result", "content": [{"type": "image", "source": {}}]}) == ["image"]

    @pytest.mark.parametrize(
        "tree",
        [
            {
                "tools": [
                    {
                        "type": "function",
                        "input_schema": {"type": "object", "properties": {"content": {"type": "array"}}},
                    }
                ]
            },
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}},
            {
                "messages": [
                    {"role": "user", "content": [{"type": "tool_use", "input": {"content": [{"type": "box"}]}}]}
                ]
            },
            {"thinking": {"type": "enabled"}},
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "", "cache_control": {"type": "ephemeral"}}]}
                ]
            },
            {"input": [{"type": "message", "role": "user", "content": "x"}]},
            {"metadata": {"content": {"type": "x"}}},
        ],
    )
    def test_types_of_schemas_and_settings_are_no_parts(self, tree):
        assert not [item for item in walk(tree) if isinstance(item, Unscannable)]

    def test_its_place_is_reported(self):
        tree = {"messages": [{"role": "user", "content": [{"type": "image", "x": 1}]}]}
        assert Unscannable("messages[0].content[0]", "image", 0) in list(walk(tree))


def said(*turns: tuple[str, str]) -> list[str]:
    tree = {"messages": [{"role": role, "content": content} for role, content in turns]}
    return [text.value for text in walk(tree) if isinstance(text, Text) and text.path.endswith("content")]


class TestSeams:
    """A value that is cut by the end of a part or turn is put together, whoever goes on with it."""

    @pytest.mark.parametrize("second", ["user", "assistant", "tool", "system"])
    def test_a_number_that_the_next_turn_goes_on_with(self, second):
        texts = said(("user", "card 4539148803"), (second, "436467"))

        assert "card 4539148803436467" in texts
        assert "card 4539148803 436467" in texts

    def test_a_word_may_come_before_the_rest(self):
        texts = said(("user", "it starts 453914880343646"), ("assistant", "ok"), ("user", "and then 7, thanks"))

        assert "it starts 4539148803436467" in texts

    def test_one_group_a_part(self):
        parts = [{"type": "text", "text": group} for group in ("4539", "1488", "0343", "6467")]
        texts = [
            text.value for text in walk({"messages": [{"role": "user", "content": parts}]}) if isinstance(text, Text)
        ]

        assert "4539 1488 0343 6467" in texts

    @pytest.mark.parametrize(
        ("one", "two"), [("to karla.weiss", "@blue-heron.net"), ("ssn 536-22", "-8714"), ("a@blue-", "heron.net")]
    )
    def test_a_sign_of_an_address_or_number_may_be_at_the_cut(self, one, two):
        parts = [{"type": "text", "text": one}, {"type": "text", "text": two}]
        texts = [
            text.value for text in walk({"messages": [{"role": "user", "content": parts}]}) if isinstance(text, Text)
        ]

        assert one + two in texts

    def test_short_numbers_that_meet_by_chance_are_not_put_together(self):
        turns = (("assistant", "length = 12"), ("tool", "34 files"))

        assert said(*turns) == [text for _, text in turns]

    def test_a_word_is_not_cut_by_the_length_of_what_is_looked_at(self):
        long = "0.1234567890123456, " * 5 + "12345678"

        assert not any(text.startswith(("23", "34", "567")) for text in said(("user", long), ("user", "12345678")))


def test_a_path_shows_the_protocols_own_names():
    tree = {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]}
    assert Text("messages[0].content[0].text", "hello", 0, speaker="user") in list(walk(tree))
