"""The Anthropic sandbox serves Anthropic's own client."""

import anthropic
import pytest

from gateway.sandbox import Vendor

WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": "get_weather", "input_schema": WEATHER}]
ASK = {"model": "claude-test", "max_tokens": 200, "messages": [{"role": "user", "content": "Hello there"}]}


@pytest.fixture
def client(start):
    return start(Vendor.ANTHROPIC, accept_bearer=True)


@pytest.fixture
def sdk(client):
    with anthropic.Anthropic(base_url=client.sandbox.url, api_key="sk-ant-any", max_retries=0) as sdk:
        yield sdk


def cached_turn(text: str, ttl: str = "5m") -> list:
    mark = {"type": "ephemeral", "ttl": ttl}
    return [
        {"role": "user", "content": [{"type": "text", "text": text, "cache_control": mark}]},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go on."},
    ]


def test_the_sdk_reads_a_reply_that_says_what_it_is(sdk):
    got = sdk.messages.create(**ASK)

    assert got.content[0].text.startswith("[sandbox anthropic] ")
    assert got.stop_reason == "end_turn"
    assert (got.usage.cache_read_input_tokens, got.usage.cache_creation_input_tokens) == (0, 0)


def test_a_stream_says_the_same_as_the_whole_message(sdk):
    whole = sdk.messages.create(**ASK)
    with sdk.messages.stream(**ASK) as stream:
        streamed = stream.get_final_message()

    assert streamed.content[0].text == whole.content[0].text
    assert (streamed.usage.input_tokens, streamed.usage.output_tokens) == (
        whole.usage.input_tokens,
        whole.usage.output_tokens,
    )


def test_a_stream_has_the_documented_events_in_their_order(client):
    events = client.ask(stream=True, max_tokens=2).events

    assert [event["type"] for event in events] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert events[0]["message"]["usage"]["output_tokens"] == 1
    assert events[-2]["usage"]["output_tokens"] == 2
    assert events[-2]["delta"] == {"stop_reason": "max_tokens", "stop_sequence": None}


def test_events_are_named_as_their_types(client):
    body = client.ask(stream=True).body
    names = [line[7:].decode() for line in body.splitlines() if line.startswith(b"event: ")]

    assert names == [event["type"] for event in client.ask(stream=True).events]


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "get_weather"}])
def test_a_forced_tool_is_used_streamed_or_not(sdk, choice):
    whole = sdk.messages.create(**ASK, tools=TOOLS, tool_choice=choice)
    with sdk.messages.stream(**ASK, tools=TOOLS, tool_choice=choice) as stream:
        streamed = stream.get_final_message()

    assert [block.type for block in whole.content] == ["tool_use"]
    assert whole.content[0].input == streamed.content[0].input == {"city": "sandbox"}
    assert whole.stop_reason == streamed.stop_reason == "tool_use"


def test_what_a_breakpoint_caches_is_written_once_and_then_read(sdk):
    messages = cached_turn("x" * 8000)
    first, second = (sdk.messages.create(**ASK | {"messages": messages}).usage for _ in range(2))

    assert first.cache_creation_input_tokens == second.cache_read_input_tokens > 2000
    assert first.cache_read_input_tokens == second.cache_creation_input_tokens == 0
    assert first.input_tokens == second.input_tokens > 0
    assert first.cache_creation.ephemeral_5m_input_tokens == first.cache_creation_input_tokens


def test_a_write_for_an_hour_is_reported_separately(sdk):
    usage = sdk.messages.create(**ASK | {"messages": cached_turn("x" * 8000, "1h")}).usage

    assert usage.cache_creation.ephemeral_1h_input_tokens == usage.cache_creation_input_tokens > 2000


@pytest.mark.parametrize("place", ["system", "tools"])
def test_breakpoints_of_system_and_tools_count_too(sdk, place):
    mark = {"cache_control": {"type": "ephemeral"}}
    parts = {
        "system": [{"type": "text", "text": "y" * 8000} | mark],
        "tools": [{"name": "t", "description": "z" * 8000, "input_schema": WEATHER} | mark],
    }
    usages = [sdk.messages.create(**ASK, **{place: parts[place]}).usage for _ in range(2)]

    assert usages[0].cache_creation_input_tokens == usages[1].cache_read_input_tokens > 2000


def test_without_a_breakpoint_or_below_the_minimum_nothing_is_cached(sdk):
    plain = [{"role": "user", "content": "x" * 8000}]
    usages = [
        sdk.messages.create(**ASK | {"messages": messages}).usage for messages in (plain, plain, cached_turn("x"))
    ]

    assert {(usage.cache_read_input_tokens, usage.cache_creation_input_tokens) for usage in usages} == {(0, 0)}


def test_counted_tokens_are_those_that_are_billed(sdk):
    counted = sdk.messages.count_tokens(model=ASK["model"], messages=ASK["messages"], system="Be brief.")

    assert counted.input_tokens == sdk.messages.create(**ASK, system="Be brief.").usage.input_tokens


def test_a_stop_sequence_ends_the_message_and_is_named(sdk):
    got = sdk.messages.create(**ASK, stop_sequences=["]"])

    assert (got.content[0].text, got.stop_reason, got.stop_sequence) == ("[sandbox anthropic", "stop_sequence", "]")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"model": ...}, "invalid_request_error", 400),
        ({"max_tokens": ...}, "invalid_request_error", 400),
        ({"max_tokens": 0}, "invalid_request_error", 400),
        ({"messages": ...}, "invalid_request_error", 400),
        ({"messages": []}, "invalid_request_error", 400),
        ({"messages": "hi"}, "invalid_request_error", 400),
        ({"max_tokens": 10**6}, "invalid_request_error", 400),
        ({"messages": [{"role": "user", "content": "x" * 600_000}]}, "invalid_request_error", 400),
        ({"tool_choice": {"type": "tool", "name": "no"}, "tools": TOOLS}, "invalid_request_error", 400),
    ],
)
def test_invalid_requests_are_refused_in_the_typed_envelope(client, body, kind, status):
    got = client.ask(**body)

    assert got.status == status
    assert list(got.json) == ["type", "error", "request_id"]
    assert (got.json["type"], got.json["error"]["type"]) == ("error", kind)


def test_a_body_that_is_not_json_is_refused(client):
    assert client.call("POST", client.path, b"{").status == 400


def test_key_and_version_are_wanted(start):
    client = start(Vendor.ANTHROPIC, api_key="sk-right")

    assert client.ask(header={"x_api_key": ""}).json["error"]["message"] == "x-api-key header is required"
    assert client.ask().json["error"]["type"] == "authentication_error"
    assert client.ask(header={"x_api_key": "sk-right", "anthropic_version": ""}).status == 400
    assert client.ask(header={"x_api_key": "sk-right"}).status == 200


def test_a_bearer_key_will_do_only_where_that_is_set(start):
    strict, lax = start(Vendor.ANTHROPIC), start(Vendor.ANTHROPIC, accept_bearer=True)
    header = {"x_api_key": "", "authorization": "Bearer sk-ant-any"}

    assert (strict.ask(header=header).status, lax.ask(header=header).status) == (401, 200)
    assert lax.ask(header={"x_api_key": ""}).status == 401


def test_only_listed_models_are_known_if_there_is_a_list(start):
    client = start(Vendor.ANTHROPIC, models=("claude-a",))

    assert (client.ask(model="claude-b").status, client.ask(model="claude-a").status) == (404, 200)
    assert client.get("/v1/models").json["data"][0]["id"] == "claude-a"


def test_other_paths_and_methods_do_not_exist(client):
    assert client.get("/v1/nope").json["error"]["type"] == "not_found_error"
    assert client.get(client.path).status == 405


def test_the_sdk_understands_an_overload_inside_a_stream(client, sdk):
    client.sandbox.set_faults("error_event_after=4")

    with pytest.raises(anthropic.APIStatusError, match="Overloaded"), sdk.messages.stream(**ASK) as stream:
        stream.get_final_message()


def test_a_full_queue_is_529(start):
    client = start(Vendor.ANTHROPIC, max_running_requests=1, max_queued_requests=0, faults=("hang",))
    held = client.open()
    client.state(until_open=1)
    got = client.ask()
    held.close()

    assert (got.status, got.json["error"]["type"]) == (529, "overloaded_error")
