"""What must be known of OpenAI's Responses, in requests, streams and answers."""

import json

import pytest

from gateway.domain.errors import InvalidRequest
from gateway.domain.facts import UNBOUNDED
from gateway.domain.usage import Usage
from gateway.wire.dialect import EventKind
from gateway.wire.openai_responses import OpenAIResponses

RESPONSES = OpenAIResponses()
IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,x"}


def shape(**more):
    return RESPONSES.shape({"model": "m", "input": "Hi"} | more)


def event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


class TestShape:
    """The facts of a request; the rest is the upstream's to judge."""

    def test_a_plain_request_needs_nothing(self):
        seen = shape()
        assert (seen.model, seen.stream, seen.max_tokens, seen.choices, seen.needs) == ("m", False, 0, 1, ())
        assert seen.usage_asked
        assert not (seen.has_tools)
        assert not (seen.has_images)
        assert not (seen.session)
        assert not (seen.fetches)

    @pytest.mark.parametrize(
        ("more", "needs"),
        [
            ({"tools": [{"type": "function", "name": "f"}]}, ("tools",)),
            ({"text": {"format": {"type": "json_schema"}}}, ("json_schema",)),
            ({"text": {"format": {"type": "text"}}}, ()),
            ({"input": [{"role": "user", "content": [IMAGE]}]}, ("vision",)),
            ({"input": [{"type": "function_call_output", "output": [IMAGE]}]}, ("vision",)),
            ({"input": [{"role": "user", "content": [{"type": "input_audio"}]}]}, ("audio",)),
            ({"input": [{"role": "user", "content": [{"type": "input_file", "filename": "a.pdf"}]}]}, ("pdf",)),
        ],
    )
    def test_what_it_cannot_do_without(self, more, needs):
        assert shape(**more).needs == needs

    def test_pictures_files_and_tools_that_fetch_are_counted(self):
        seen = shape(
            input=[{"role": "user", "content": [IMAGE, {"type": "input_file", "file_url": "https://x.example"}]}]
        )
        assert (seen.images, seen.fetches) == (1, 1)
        assert shape(tools=[{"type": "web_search"}]).fetches == UNBOUNDED
        assert shape(tools=[{"type": "custom", "name": "p"}]).fetches == 0

    @pytest.mark.parametrize(
        ("more", "session"),
        [
            ({"previous_response_id": "resp_1"}, "resp_1"),
            ({"conversation": "conv_1"}, "conv_1"),
            ({"conversation": {"id": "conv_1"}}, "conv_1"),
            ({"conversation": 7}, ""),
            ({"prompt_cache_key": "k"}, ""),
        ],
    )
    def test_a_conversation_that_is_kept_at_the_server_is_one(self, more, session):
        assert shape(**more).session == session

    @pytest.mark.parametrize(
        "more",
        [
            {"input": 7},
            {"stream": "yes"},
            {"max_output_tokens": -1},
            {"background": True},
            {"tools": [{"type": "mcp", "server_url": "https://x.example"}]},
            {"user": {"a": 1}},
        ],
    )
    def test_what_cannot_be_acted_on_is_refused(self, more):
        with pytest.raises(InvalidRequest):
            shape(**more)

    def test_the_opening_is_what_comes_before_the_second_turn_of_the_user(self):
        first, second = {"role": "user", "content": "q"}, {"role": "user", "content": "q2"}
        assert shape(input=[first, second]).opening == shape(input=[first]).opening
        assert shape(input=[first]).opening != shape(input=[first], instructions="x").opening
        assert shape(input="q").opening == shape(input=[first]).opening


class TestStream:
    """Usage, finish, errors and the end."""

    def test_only_what_matters_is_decoded(self):
        reader = RESPONSES.reader(usage_asked=False)
        kinds = [
            reader.read(raw).kind
            for raw in (
                event("response.created", response={}),
                event("response.output_item.added", item={}),
                event("response.output_text.delta", delta="a"),
                event("response.reasoning_summary_text.delta", delta="a"),
                event("response.output_text.done", text="a"),
                b": ping\n\n",
                event(
                    "response.completed",
                    response={"status": "completed", "usage": {"input_tokens": 5, "output_tokens": 7}},
                ),
            )
        ]
        assert kinds == [
            *(EventKind.LIFECYCLE, EventKind.LIFECYCLE, EventKind.CONTENT, EventKind.CONTENT, EventKind.CONTENT),
            *(EventKind.LIFECYCLE, EventKind.TERMINAL),
        ]
        assert (reader.usage, reader.finish, reader.content_events) == (Usage(5, output_tokens=7), "completed", 2)

    def test_an_incomplete_answer_says_why(self):
        reader = RESPONSES.reader(usage_asked=False)
        reader.read(event("response.incomplete", response={"incomplete_details": {"reason": "max_output_tokens"}}))
        assert (reader.finish, reader.usage) == ("max_output_tokens", None)

    @pytest.mark.parametrize(
        "raw",
        [
            event("error", message="Boom", code="x"),
            event("error", error={"message": "Boom"}),
            event("response.failed", response={"error": {"message": "Boom"}}),
            b'data: {"error": {"message": "Boom"}}\n\n',
        ],
    )
    def test_an_error_is_one_in_each_of_its_shapes(self, raw):
        seen = RESPONSES.reader(usage_asked=False).read(raw)
        assert (seen.kind, seen.error) == (EventKind.ERROR, "Boom")

    @pytest.mark.parametrize("raw", [b"data: {\n\n", b"data: 7\n\n"])
    def test_what_is_no_event_is_an_error(self, raw):
        assert RESPONSES.reader(usage_asked=False).read(raw).kind is EventKind.ERROR


def test_a_complete_answer_is_judged():
    whole = {"status": "completed", "output": [], "usage": {"input_tokens": 5, "output_tokens": 7}}
    answer = RESPONSES.answer(whole)
    assert (answer.usage, answer.finish, answer.error) == (Usage(5, output_tokens=7), "completed", None)
    assert RESPONSES.answer({"output": ["x"]}).content_bytes > 0
    assert RESPONSES.answer({"status": "failed", "output": [], "error": {"message": "Boom"}}).error == "Boom"
    assert RESPONSES.answer([]).error == "not a response"


def test_a_stream_that_broke_ends_with_what_agents_and_sdks_read():
    raw = RESPONSES.error_event("server_error", "upstream_error", "Boom", {"decision_id": "dec_1"})
    failed, error = [json.loads(one.split(b"data: ")[1]) for one in raw.split(b"\n\n") if one]
    assert failed["response"]["error"] == {"code": "server_error", "message": "Boom"}
    assert (error["code"], error["error"]["decision_id"]) == ("upstream_error", "dec_1")
