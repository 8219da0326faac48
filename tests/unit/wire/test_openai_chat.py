"""What must be known of OpenAI's chat completions, in requests, streams and answers."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import CHAT, DONE, FULL_QUEUE, ROLE, USAGE, chunk, completion, event

from gateway.domain.errors import InvalidRequest
from gateway.domain.usage import Usage
from gateway.wire.dialect import EventKind
from gateway.wire.openai_chat import error_message
from gateway.wire.sse import data_of

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "wire" / "vendor_streams.jsonl.gz"
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,x"}}


def recorded_streams() -> Iterator[tuple[str, list[bytes]]]:
    """Yield the chunks of each recorded stream as events, with its name."""
    if not RECORDED.exists():
        pytest.skip("needs ../shared")
    for line in gzip.decompress(RECORDED.read_bytes()).splitlines():
        one = json.loads(line)
        if one["wire"] == "chat" and one["file"].endswith(".chunks.txt"):
            lines = [text.removeprefix("data: ") for text in one["text"].splitlines() if text.strip()]
            yield one["file"], [b"data: " + text.encode() + b"\n\n" for text in lines]


def shape(**more):
    return CHAT.shape({"model": "m", "messages": [{"role": "user", "content": "Hi"}]} | more)


class TestShape:
    """The facts of a request; the rest is the upstream's to judge."""

    def test_a_plain_request_needs_nothing(self):
        seen = shape()
        assert (seen.model, seen.stream, seen.max_tokens, seen.choices, seen.needs) == ("m", False, 0, 1, ())
        assert not (seen.has_tools)
        assert not (seen.has_images)
        assert not (seen.usage_asked)

    @pytest.mark.parametrize(
        ("more", "needs"),
        [
            ({"tools": [{}]}, ("tools",)),
            ({"functions": [{}]}, ("tools",)),
            ({"tools": []}, ()),
            ({"response_format": {"type": "json_schema"}}, ("json_schema",)),
            ({"response_format": {"type": "json_object"}}, ()),
            ({"response_format": "x"}, ()),
            ({"logprobs": True}, ("logprobs",)),
            ({"messages": [{"role": "user", "content": [IMAGE]}]}, ("vision",)),
            ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, ("audio",)),
            (
                {"messages": [{"role": "user", "content": [IMAGE]}], "tools": [{}], "logprobs": True},
                ("logprobs", "tools", "vision"),
            ),
        ],
    )
    def test_what_it_cannot_do_without(self, more, needs):
        assert shape(**more).needs == needs

    def test_the_newer_name_of_the_limit_goes_first(self):
        assert shape(max_tokens=5).max_tokens == 5
        assert shape(max_tokens=5, max_completion_tokens=7).max_tokens == 7

    @pytest.mark.parametrize(("n", "choices"), [(None, 1), (0, 1), (1, 1), (4, 4), (1024, 4 * 256)])
    def test_choices(self, n, choices):
        assert shape(n=n).choices == choices

    @pytest.mark.parametrize(
        "more",
        [
            *({"model": model} for model in ("", 5, None, "x" * 300)),
            *({"messages": messages} for messages in ("x", {}, None)),
            *({"max_tokens": number} for number in (-1, 1.5, "5", 10**30)),
            *({"n": number} for number in (-1, 1025, True)),
            {"stream": "yes"},
            {"user": 5},
        ],
    )
    def test_a_field_that_is_acted_on_must_be_of_its_type(self, more):
        with pytest.raises(InvalidRequest):
            shape(**more)

    @pytest.mark.parametrize("field", ["previous_response_id", "conversation"])
    def test_a_session_may_stand_in_the_body(self, field):
        assert shape(**{field: "s"}).session == "s"
        assert shape(**{field: {"id": "s"}}).session == ""

    def test_a_cache_key_is_no_session(self):
        assert shape(prompt_cache_key="s").session == ""

    def test_the_opening_ends_with_the_first_turn_of_the_user(self):
        turns = [{"role": "system", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "U"}]}]
        opening = shape(messages=turns).opening
        assert (
            shape(messages=[*turns, {"role": "assistant", "content": "A"}, {"role": "user", "content": "V"}]).opening
            == opening
        )
        assert "S" in opening
        assert "U" in opening
        assert shape(messages=[]).opening == ""

    @given(
        st.dictionaries(
            st.sampled_from(["messages", "tools", "stream_options", "response_format", "n", "metadata"]),
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


class TestPrepare:
    """The served model and usage, nothing else."""

    def test_a_stream_is_asked_for_usage_and_the_request_is_not_changed(self):
        tree = {"a": 1, "model": "m", "stream": True, "stream_options": {"x": 1}}
        assert CHAT.prepare(tree, "served") == tree | {
            "model": "served",
            "stream_options": {"x": 1, "include_usage": True},
        }
        assert tree["stream_options"] == {"x": 1}
        assert list(CHAT.prepare(tree, "served")) == list(tree)

    @pytest.mark.parametrize("options", [None, "x", {"include_usage": False}])
    def test_whatever_the_options_were(self, options):
        assert CHAT.prepare({"stream": True, "stream_options": options}, "m")["stream_options"] == {
            "include_usage": True
        }

    def test_a_whole_answer_needs_no_options(self):
        assert CHAT.prepare({"model": "m"}, "served") == {"model": "served"}


def read(*events: bytes, usage_asked: bool = False):
    reader = CHAT.reader(usage_asked=usage_asked)
    return reader, [reader.read(one) for one in events]


class TestReader:
    """Streams."""

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (ROLE, EventKind.LIFECYCLE),
            (b": ping\n\n", EventKind.LIFECYCLE),
            (chunk("x"), EventKind.CONTENT),
            (chunk(finish="stop"), EventKind.FINISH),
            (chunk("x", "stop"), EventKind.CONTENT),
            (USAGE, EventKind.USAGE_ONLY),
            (DONE, EventKind.TERMINAL),
            (b"data:[DONE]\r\n\r\n", EventKind.TERMINAL),
            (FULL_QUEUE, EventKind.ERROR),
            (event({"object": "error", "message": "x"}), EventKind.ERROR),
            (event({"error": "x"}), EventKind.ERROR),
            (event({"id": "1", "error": None, "choices": []}), EventKind.LIFECYCLE),
            (event([1]), EventKind.ERROR),
            (b"data: {\n\n", EventKind.ERROR),
            (event({"id": "1", "choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}), EventKind.CONTENT),
            (event({"id": "1", "choices": [{"delta": {"reasoning_content": "hm"}}]}), EventKind.CONTENT),
            (event({"id": "1", "choices": [{"delta": None}]}), EventKind.LIFECYCLE),
            (event({"id": "1", "choices": "x"}), EventKind.LIFECYCLE),
        ],
    )
    def test_each_event_is_judged(self, data, kind):
        _, (judged,) = read(data)
        assert judged.kind is kind

    def test_bytes_go_through_and_only_usage_is_taken_out(self):
        events = [ROLE, chunk("a"), chunk("b"), chunk(finish="stop"), USAGE, DONE]
        reader, judged = read(*events)
        assert [one.raw for one in judged] == [*events[:4], b"", DONE]
        assert (reader.usage, reader.finish, reader.content_events) == (Usage(7, output_tokens=3), "stop", 2)

    def test_who_asked_gets_usage(self):
        _, (judged,) = read(USAGE, usage_asked=True)
        assert (judged.kind, judged.raw) == (EventKind.LIFECYCLE, USAGE)

    def test_content_that_speaks_of_usage_and_errors_is_content(self):
        words = ['"usage"', "usage", '","usage":null,"', '"error"', "finish_reason", "[DONE]", "\ndata: [DONE]\n\n"]
        reader, judged = read(*(chunk(word) for word in words), *(chunk(word) for word in words))
        assert {one.kind for one in judged} == {EventKind.CONTENT}
        assert [one.raw for one in judged] == [chunk(word) for word in words] * 2
        assert reader.content_events == 2 * len(words)

    def test_an_explicit_zero_is_a_report(self):
        reader, _ = read(event({"id": "1", "choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0}}))
        assert reader.usage == Usage()

    def test_cumulative_reports_are_not_added_up(self):
        reader, _ = read(
            *(chunk("x", usage={"prompt_tokens": 7, "completion_tokens": n}) for n in (1, 2, 3)), usage_asked=True
        )
        assert reader.usage == Usage(7, output_tokens=3)

    @given(
        before=st.dictionaries(st.sampled_from(["id", "a", "system_fingerprint"]), st.text(max_size=5)),
        content=st.one_of(
            st.text(max_size=12), st.sampled_from(["usage", '"usage"', ',"usage":null', ',"usage":null}'])
        ),
        after=st.dictionaries(st.sampled_from(["z", "y"]), st.one_of(st.none(), st.just({"usage": None}))),
        usage=st.sampled_from([None, {"prompt_tokens": 1, "completion_tokens": 1}]),
        ascii_only=st.booleans(),
        spaces=st.booleans(),
    )
    def test_usage_and_nothing_else_is_removed_whatever_the_text_says(
        self, before, content, after, usage, ascii_only, spaces
    ):
        choices = [{"index": 0, "delta": {"content": content, "usage": "mine"}, "finish_reason": None}]
        tree = {**before, "choices": choices, "usage": usage, **after}
        separators = (", ", ": ") if spaces else (",", ":")
        data = event(json.dumps(tree, ensure_ascii=ascii_only, separators=separators).encode())
        _, (judged,) = read(data)
        left = json.loads(data_of(judged.raw))
        assert left == {name: value for name, value in tree.items() if name != "usage"}
        assert list(left) == [name for name in tree if name != "usage"]

    def test_a_null_usage_is_cut_out_of_the_bytes(self):
        data = b'data: {"id":"1","choices":[{"delta":{"content":"x"}}] , "usage" : null , "z":1}\n\n'
        assert read(data)[1][0].raw == b'data: {"id":"1","choices":[{"delta":{"content":"x"}}]  , "z":1}\n\n'

    def test_a_usage_in_front_is_removed_too(self):
        _, (judged,) = read(event({"usage": None, "choices": [{"delta": {"content": "x"}}]}))
        assert json.loads(data_of(judged.raw)) == {"choices": [{"delta": {"content": "x"}}]}

    @pytest.mark.parametrize("asked", [True, False])
    def test_vendors_events_are_passed_on_alike_whether_read_by_their_bytes_or_decoded(self, asked):
        """Material: 95 recorded answers of nine vendors, beside the project."""
        plain = 0
        for vendor, events in recorded_streams():
            by_bytes, decoded = CHAT.reader(usage_asked=asked), CHAT.reader(usage_asked=asked)
            for one in events:
                judged, kept = decoded._decode(one), by_bytes.content(one)
                if kept is None:
                    by_bytes.read(one)
                    continue
                plain += 1
                assert judged.kind is not EventKind.ERROR, vendor
                assert kept == judged.raw or json.loads(data_of(kept)) == json.loads(data_of(judged.raw)), vendor
            assert (by_bytes.usage, by_bytes.finish) == (decoded.usage, decoded.finish), vendor
        assert plain > 500

    @pytest.mark.parametrize(
        "more",
        [
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}, {"index": 1, "finish_reason": None}]},
            {"choices": [{"delta": {"content": "x"}, "finish_reason": None}], "service_tier": "priority"},
            {"choices": [{"delta": {"role": "assistant", "content": ""}, "finish_reason": None}], "usage": None},
            {"choices": [{"delta": {}, "finish_reason": None}], "usage": None},
        ],
    )
    def test_what_says_more_than_content_or_less_is_not_judged_by_its_bytes(self, more):
        reader, _ = read(chunk("a"))
        for first in ({"id": "1"}, {"object": "chat.completion.chunk"}):
            said = json.dumps({**first, **more}, separators=(",", ":")).encode()
            assert reader.content(b"data: " + said + b"\n\n") is None

    def test_a_usage_inside_of_a_choice_is_not_the_chunk_s(self):
        inside = event({"id": "1", "choices": [{"delta": {"content": "x", "usage": None}, "finish_reason": None}]})
        reader, _ = read(chunk("a"))
        assert reader.content(inside) is None
        assert reader.read(inside).raw == inside

    @given(st.binary(max_size=80))
    def test_no_event_crashes_the_reader(self, data):
        events = (b"data: " + data + b"\n\n", data, chunk("x"), b'data: {"id"' + data + b"\n\n")
        _, judged = read(*events, usage_asked=True)

        assert [one.raw for one in judged] == list(events)  # whatever it is, it goes on as it came
        assert judged[2].kind is EventKind.CONTENT


class TestAnswer:
    """Whole answers."""

    def test_a_completion_is_an_answer(self):
        answer = CHAT.answer(completion())
        assert (answer.usage, answer.finish, answer.error) == (Usage(7, output_tokens=3), "stop", None)
        assert answer.content_bytes == 0

    def test_without_usage_it_is_counted_by_its_bytes(self):
        said = completion()
        del said["usage"]
        assert CHAT.answer(said).content_bytes > 0

    @pytest.mark.parametrize(
        ("tree", "error"),
        [
            (None, "not a chat completion"),
            ([], "not a chat completion"),
            ({}, "not a chat completion"),
            ({"choices": {}}, "not a chat completion"),
            ({"error": {"message": "m"}}, "m"),
            ({"object": "error", "message": "flat"}, "flat"),
            ({"error": "text"}, "text"),
            ({"error": 5}, "not a chat completion"),
        ],
    )
    def test_anything_else_is_an_error(self, tree, error):
        assert CHAT.answer(tree).error == error

    def test_odd_choices_are_no_crash(self):
        answer = CHAT.answer({"choices": [5, {}, {"message": {"x": 10**30}, "finish_reason": None}]})
        assert (answer.finish, answer.usage, answer.error) == ("", None, None)
        assert CHAT.answer({"choices": []}).finish == ""


def test_error_messages_of_odd_shapes():
    assert error_message("x") == ""
    assert error_message({"error": {"message": 5}}) == ""


def test_envelopes():
    body = CHAT.error_body("t", "c", "m", {"decision_id": "d"})
    assert body == {"error": {"message": "m", "type": "t", "param": None, "code": "c", "decision_id": "d"}}
    assert CHAT.error_event("t", "c", "m", {"decision_id": "d"}) == event(body)
