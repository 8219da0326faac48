"""What must be known of Anthropic's Messages, in requests, streams and answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import (
    BLOCK_START,
    BLOCK_STOP,
    MESSAGE_DELTA,
    MESSAGE_START,
    MESSAGE_STOP,
    MESSAGES,
    TEXT_DELTA,
    message,
    named,
)

from gateway.domain.errors import InvalidRequest
from gateway.domain.usage import Usage
from gateway.wire.anthropic_messages import error_message
from gateway.wire.dialect import EventKind

IMAGE = {"type": "image", "source": {"type": "base64", "data": "x"}}


def shape(**more):
    return MESSAGES.shape({"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]} | more)


class TestShape:
    """The facts of a request."""

    def test_a_plain_request_needs_nothing_and_always_gets_usage(self):
        seen = shape()
        assert (seen.model, seen.stream, seen.max_tokens, seen.choices, seen.needs) == ("m", False, 5, 1, ())
        assert seen.usage_asked

    @pytest.mark.parametrize(
        ("content", "vision"),
        [
            ([IMAGE], True),
            ([{"type": "tool_result", "content": [IMAGE]}], True),
            ([{"type": "tool_result", "content": "image"}], False),
            ("image", False),
        ],
    )
    def test_an_image_counts_inside_a_tools_result_too(self, content, vision):
        seen = shape(messages=[{"role": "user", "content": content}], tools=[{}])
        assert seen.has_images is vision
        assert seen.needs == (("tools", "vision") if vision else ("tools",))

    @pytest.mark.parametrize(
        ("metadata", "user"), [({"user_id": "u"}, "u"), ({"user_id": 5}, ""), ("x", ""), (None, "")]
    )
    def test_a_user_stands_in_the_metadata(self, metadata, user):
        assert shape(metadata=metadata).user == user

    @pytest.mark.parametrize(
        "more", [{"model": ""}, {"messages": "x"}, {"max_tokens": -1}, {"max_tokens": 10**30}, {"stream": 1}]
    )
    def test_a_field_that_is_acted_on_must_be_of_its_type(self, more):
        with pytest.raises(InvalidRequest):
            shape(**more)

    def test_the_opening_is_the_system_prompt_and_the_first_turn(self):
        one = shape(system=[{"type": "text", "text": "S"}])
        assert one.opening == shape(system="S").opening
        assert one.opening != shape(system="T").opening
        assert shape(messages=[]).opening != one.opening

    @given(
        st.dictionaries(
            st.sampled_from(["messages", "system", "tools", "metadata"]),
            st.recursive(
                st.none() | st.integers() | st.text(max_size=3),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["role", "content", "type", "text"]), inner, max_size=3)
                ),
                max_leaves=8,
            ),
        )
    )
    def test_any_other_shape_is_read_or_refused_never_a_crash(self, more):
        try:
            seen = shape(**more)
        except InvalidRequest:
            return
        assert (seen.model, type(seen.stream), type(seen.needs)) == ("m", bool, tuple)
        assert seen.choices >= 1


def test_prepare_names_the_served_model_and_nothing_else():
    tree = {"x": 1, "model": "m", "stream": True}
    assert MESSAGES.prepare(tree, "served") == {"x": 1, "model": "served", "stream": True}
    assert tree["model"] == "m"


def read(*events: bytes):
    reader = MESSAGES.reader(usage_asked=False)
    return reader, [reader.read(one) for one in events]


class TestReader:
    """Streams."""

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (MESSAGE_START, EventKind.LIFECYCLE),
            (named("ping"), EventKind.LIFECYCLE),
            (b": ping\n\n", EventKind.LIFECYCLE),
            (BLOCK_START, EventKind.LIFECYCLE),
            (TEXT_DELTA, EventKind.CONTENT),
            (BLOCK_STOP, EventKind.CONTENT),
            (MESSAGE_DELTA, EventKind.FINISH),
            (MESSAGE_STOP, EventKind.TERMINAL),
            (named("error", error={"type": "overloaded_error", "message": "m"}), EventKind.ERROR),
            (named("of the future"), EventKind.LIFECYCLE),
            (b'data: {"type":"content_block_delta"}\n\n', EventKind.CONTENT),
            (b"data: 5\n\n", EventKind.ERROR),
            (b"data: {\n\n", EventKind.ERROR),
        ],
    )
    def test_each_event_is_judged_and_its_bytes_stay(self, data, kind):
        _, (judged,) = read(data)
        assert (judged.kind, judged.raw) == (kind, data)

    def test_usage_comes_in_two_parts_and_the_last_word_counts(self):
        reader, _ = read(MESSAGE_START, BLOCK_START, TEXT_DELTA, TEXT_DELTA, BLOCK_STOP, MESSAGE_DELTA, MESSAGE_STOP)
        assert reader.usage == Usage(7, output_tokens=3)
        assert (reader.finish, reader.content_events) == ("end_turn", 3)

    def test_an_error_without_a_message_has_one_of_ours(self):
        assert read(named("error"))[1][0].error

    @given(st.binary(max_size=80))
    def test_no_event_crashes_the_reader(self, data):
        events = (b"data: " + data + b"\n\n", data, b"event: message_start\ndata: " + data + b"\n\n")
        reader, judged = read(*events)

        assert [one.raw for one in judged] == list(events)  # whatever it is, it goes on as it came
        assert reader.content_events <= len(events)

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["type", "usage", "message", "delta", "input_tokens", "stop_reason", "error"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=8,
        )
    )
    def test_no_shape_crashes_the_reader(self, tree):
        events = (
            named("message_start", x=tree),
            named("message_delta", delta=tree, usage=tree, message=tree, error=tree),
        )
        reader, judged = read(*events)

        assert [one.raw for one in judged] == list(events)
        assert reader.usage is None or reader.usage.input_tokens >= 0


class TestAnswer:
    """Whole answers."""

    def test_a_message_is_an_answer(self):
        answer = MESSAGES.answer(message())
        assert (answer.usage, answer.finish, answer.error) == (Usage(7, output_tokens=3), "end_turn", None)
        assert answer.content_bytes == 0

    def test_without_usage_it_is_counted_by_its_bytes(self):
        said = message()
        del said["usage"]
        assert MESSAGES.answer(said).content_bytes > 0

    @pytest.mark.parametrize(
        ("tree", "error"),
        [
            (None, "not a message"),
            ({}, "not a message"),
            ({"content": "x"}, "not a message"),
            ({"type": "error", "error": {"message": "m"}}, "m"),
        ],
    )
    def test_anything_else_is_an_error(self, tree, error):
        assert MESSAGES.answer(tree).error == error

    def test_odd_content_is_no_crash(self):
        answer = MESSAGES.answer({"content": [{"x": 10**30}], "stop_reason": None})
        assert (answer.finish, answer.usage, answer.error) == ("", None, None)


def test_error_messages_of_odd_shapes():
    assert error_message("x") == error_message({"error": "x"}) == error_message({"error": {"message": 5}}) == ""


def test_envelopes():
    body = MESSAGES.error_body("t", "c", "m", {"decision_id": "d"})
    assert body == {"type": "error", "error": {"type": "t", "message": "m", "code": "c", "decision_id": "d"}}
    assert MESSAGES.error_event("t", "c", "m", {}).startswith(b'event: error\ndata: {"type":"error"')
