"""The OpenAI sandbox serves OpenAI's own client."""

import json

import openai
import pytest

from gateway.sandbox import Vendor

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}]
NAMED = {"type": "function", "function": {"name": "get_weather"}}
ASK = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello there"}]}


@pytest.fixture
def client(start):
    return start(Vendor.OPENAI)


@pytest.fixture
def sdk(client):
    with openai.OpenAI(base_url=f"{client.sandbox.url}/v1", api_key="sk-any", max_retries=0) as sdk:
        yield sdk


def test_the_sdk_reads_a_reply_that_says_what_it_is(sdk):
    got = sdk.chat.completions.create(**ASK)

    assert got.choices[0].message.content.startswith("[sandbox openai] ")
    assert got.choices[0].finish_reason == "stop"
    assert got.usage.total_tokens == got.usage.prompt_tokens + got.usage.completion_tokens


def test_the_same_prompt_gets_the_same_reply_and_another_one_another(sdk):
    replies = [
        sdk.chat.completions.create(**ASK | {"messages": [{"role": "user", "content": text}]})
        .choices[0]
        .message.content
        for text in ("one", "one", "two")
    ]

    assert replies[0] == replies[1] != replies[2]


def test_a_stream_says_the_same_as_the_whole_reply(sdk):
    whole = sdk.chat.completions.create(**ASK).choices[0].message.content
    with sdk.chat.completions.create(**ASK, stream=True) as stream:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert text == whole


def test_usage_comes_in_a_last_chunk_without_choices_if_asked_for(client):
    events = client.ask(stream=True, stream_options={"include_usage": True}).events

    assert [event["usage"] for event in events[:-2]] == [None] * (len(events) - 2)
    assert events[-2]["choices"] == []
    assert events[-2]["usage"]["completion_tokens"] == 8
    assert events[-1] == "[DONE]"


def test_no_chunk_names_usage_if_it_was_not_asked_for(client):
    events = client.ask(stream=True).events

    assert not [event for event in events[:-1] if "usage" in event]


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_on_tokens_bounds_the_reply(sdk, limit):
    got = sdk.chat.completions.create(**ASK, **{limit: 5})

    assert (got.usage.completion_tokens, got.choices[0].finish_reason) == (5, "length")


def test_several_choices_differ_and_are_all_billed(sdk):
    got = sdk.chat.completions.create(**ASK, n=3, max_tokens=20)

    assert len({choice.message.content for choice in got.choices}) == 3
    assert got.usage.completion_tokens == 60


@pytest.mark.parametrize(("choice", "finish"), [("required", "tool_calls"), (NAMED, "stop")])
def test_a_forced_tool_is_called_with_arguments_that_fit_its_schema(sdk, choice, finish):
    got = sdk.chat.completions.create(**ASK, tools=TOOLS, tool_choice=choice).choices[0]
    call = got.message.tool_calls[0]

    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "sandbox", "days": 1})
    assert (got.finish_reason, got.message.content) == (finish, None)


def test_arguments_of_a_tool_are_streamed_in_pieces(sdk):
    with sdk.chat.completions.create(**ASK, tools=TOOLS, tool_choice="required", stream=True) as stream:
        calls = [call for chunk in stream for call in chunk.choices[0].delta.tool_calls or []]

    assert calls[0].function.name == "get_weather"
    assert json.loads("".join(call.function.arguments for call in calls)) == {"city": "sandbox", "days": 1}
    assert len(calls) > 2


def test_a_tool_is_not_called_unless_forced(sdk):
    assert sdk.chat.completions.create(**ASK, tools=TOOLS, tool_choice="auto").choices[0].message.tool_calls is None


def test_a_json_schema_is_kept(sdk):
    wish = {"type": "json_schema", "json_schema": {"name": "w", "schema": WEATHER}}
    got = sdk.chat.completions.create(**ASK, response_format=wish)

    assert json.loads(got.choices[0].message.content) == {"city": "sandbox", "days": 1}


def test_prefixes_are_cached_from_1024_tokens_on_in_steps_of_128(sdk):
    def cached(length):
        ask = ASK | {"messages": [{"role": "user", "content": "x" * length * 4}]}
        return [sdk.chat.completions.create(**ask).usage.prompt_tokens_details.cached_tokens for _ in range(2)]

    assert cached(1000) == [0, 0]
    assert cached(1200) == [0, 1152]


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"model": ...}, 400, None, None),
        ({"messages": ...}, 400, "messages", "missing_required_parameter"),
        ({"messages": []}, 400, "messages", "empty_array"),
        ({"messages": "hi"}, 400, "messages", "invalid_type"),
        ({"max_tokens": 0}, 400, "max_tokens", "integer_below_min_value"),
        ({"max_tokens": 10**6}, 400, "messages", "context_length_exceeded"),
        ({"tool_choice": "required"}, 400, "tool_choice", None),
        ({"tool_choice": {"function": {"name": "nope"}}, "tools": TOOLS}, 400, "tool_choice", None),
    ],
)
def test_invalid_requests_are_refused_in_a_nested_envelope(client, body, status, param, code):
    got = client.ask(**body)

    assert got.status == status
    assert list(got.json) == ["error"]
    assert list(got.json["error"]) == ["message", "type", "param", "code"]
    assert (got.json["error"]["type"], got.json["error"]["param"]) == ("invalid_request_error", param)
    assert got.json["error"]["code"] == code


def test_a_body_that_is_not_json_is_refused(client):
    assert client.call("POST", client.path, b"{").status == 400


def test_any_bearer_key_will_do_but_none_will_not(client):
    assert client.ask(header={"authorization": "Bearer whatever"}).status == 200
    assert client.ask(header={"authorization": "whatever"}).status == 401
    assert client.ask(header={"authorization": "Bearer "}).json["error"]["type"] == "invalid_request_error"


def test_with_a_configured_key_only_that_one_will_do(start):
    client = start(Vendor.OPENAI, api_key="sk-right")

    assert client.ask(header={"authorization": "Bearer sk-right"}).status == 200
    assert client.ask().json["error"]["code"] == "invalid_api_key"


def test_only_listed_models_are_known_if_there_is_a_list(start):
    client = start(Vendor.OPENAI, models=("gpt-5", "gpt-5-mini"))
    unknown = client.ask(model="gpt-6")

    assert (unknown.status, unknown.json["error"]["code"]) == (404, "model_not_found")
    assert [model["id"] for model in client.get("/v1/models").json["data"]] == ["gpt-5", "gpt-5-mini"]
    assert client.get("/v1/models/gpt-5").json["id"] == "gpt-5"
    assert client.get("/v1/models/gpt-6").status == 404


def test_other_paths_and_methods_do_not_exist(client):
    assert client.get("/v1/nope").status == 404
    assert client.get(client.path).status == 405


def test_an_overloaded_engine_says_503_to_streams_too(start):
    client = start(Vendor.OPENAI, max_running_requests=1, max_queued_requests=0, faults=("hang",))
    held = client.open()
    client.state(until_open=1)
    got = client.ask(stream=True)
    held.close()

    assert (got.status, got.json["error"]["type"]) == (503, "server_error")


def test_the_sdk_understands_its_errors(client, sdk):
    client.sandbox.set_faults("status=429", "times=1")

    with pytest.raises(openai.RateLimitError) as caught:
        sdk.chat.completions.create(**ASK)

    assert caught.value.response.headers["retry-after"] == "1"
    assert sdk.chat.completions.create(**ASK).choices
