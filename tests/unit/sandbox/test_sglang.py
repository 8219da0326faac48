"""The SGLang sandbox says what SGLang 0.5.23 was recorded to say."""

import json
import re
from pathlib import Path

import pytest

RECORDED = json.loads(Path(__file__).with_name("sglang_0_5_23.json").read_text())
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}]


def shape(value, *, loose=()):
    """Key order, nesting and types; null stands for any type."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key not in loose}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


def ordered(value):
    return json.dumps(shape(value))


def test_a_chat_response_has_the_recorded_keys_in_their_order(start):
    got = start().ask(max_tokens=3)

    assert got.status == 200
    assert ordered(got.json) == ordered(RECORDED["chat"])


def test_a_chat_stream_has_the_recorded_chunks(start):
    events = start().ask(stream=True, stream_options={"include_usage": True}, max_tokens=2).events

    assert [ordered(e) for e in (*events[:2], *events[-3:-1])] == [ordered(e) for e in RECORDED["chat_chunks"]]
    assert events[-1] == "[DONE]"


def test_a_stream_has_usage_only_if_asked_for(start):
    events = start().ask(stream=True).events

    assert not [event for event in events[:-1] if "usage" in event]
    assert events[-2]["choices"][0]["finish_reason"] == "length"


def test_running_usage_grows_token_by_token(start):
    wish = {"include_usage": True, "continuous_usage_stats": True}
    events = start().ask(stream=True, max_tokens=3, stream_options=wish).events

    assert ordered(events[1]) == ordered(RECORDED["chat_continuous_chunk"])
    assert [event["usage"]["completion_tokens"] for event in events[1:4]] == [1, 2, 3]


def test_a_streamed_tool_call_has_the_recorded_chunks_and_valid_arguments(start):
    events = start().ask(stream=True, tools=TOOLS, tool_choice="required", max_tokens=50).events
    deltas = [event["choices"][0]["delta"] for event in events[1:-2]]

    assert [ordered(event) for event in events[:3]] == [ordered(event) for event in RECORDED["tool_chunks"]]
    assert json.loads("".join(d["tool_calls"][0]["function"]["arguments"] for d in deltas)) == {"city": "sandbox"}
    assert events[-2]["choices"][0]["finish_reason"] == "tool_calls"


def test_messages_leave_cached_tokens_out_of_input_tokens(start):
    client = start()
    first = client.ask("x" * 400, path="/v1/messages").json
    second = client.ask("x" * 400, path="/v1/messages").json

    assert ordered(second) == ordered(RECORDED["messages"])
    assert first["usage"]["cache_read_input_tokens"] == 0
    assert second["usage"]["input_tokens"] == 1
    assert second["usage"]["cache_read_input_tokens"] == first["usage"]["input_tokens"] - 1


def test_a_message_stream_has_the_recorded_events(start):
    events = start().ask(path="/v1/messages", stream=True, max_tokens=1).events

    assert [ordered(event) for event in events] == [ordered(event) for event in RECORDED["message_events"]]


def test_cached_tokens_are_those_of_the_shared_prefix(start):
    client = start()
    system = {"role": "system", "content": "Always answer in the voice of a librarian. " * 40}
    prefix = len("<|system|>\n" + system["content"] + "\n<|user|>\nQuestion ") // 4
    usages = [
        client.ask(messages=[system, {"role": "user", "content": f"Question {n}"}]).json["usage"]
        for n in ("one", "two")
    ]

    assert [usage["prompt_tokens_details"]["cached_tokens"] for usage in usages] == [0, prefix]


def test_the_next_turn_finds_the_reply_cached(start):
    client = start()
    asked = {"role": "user", "content": "Tell me something."}
    first = client.ask(messages=[asked], max_tokens=100).json
    said = {"role": "assistant", "content": first["choices"][0]["message"]["content"]}
    second = client.ask(messages=[asked, said, {"role": "user", "content": "More."}]).json

    assert second["usage"]["prompt_tokens_details"]["cached_tokens"] >= first["usage"]["total_tokens"] - 2


def test_where_cached_tokens_were_stored_is_reported_if_requested(start):
    got = start().ask(return_cached_tokens_details=True, max_tokens=2).json

    assert ordered(got) == ordered(RECORDED["cached_details"])


def test_the_model_name_is_not_checked(start):
    client = start(models=("tiny",))

    assert client.ask(model="whatever").json["model"] == "whatever"
    assert client.ask(model=...).json["model"] == "default"


@pytest.mark.parametrize(
    ("body", "recorded"),
    [
        ({"messages": []}, "empty_messages"),
        ({"max_tokens": -5}, "negative_limit"),
        ({"max_tokens": 1_000_000}, "limit_too_large"),
        ({"messages": [{"role": "user", "content": "word " * 40_000}], "stream": True}, "oversized"),
    ],
)
def test_errors_are_flat_and_come_before_any_stream(start, body, recorded):
    got = start(context_length=8192).ask(**body)

    assert got.status == 400
    assert ordered(got.json) == ordered(RECORDED[recorded])
    assert re.sub(r"\d+", "N", got.json["message"]) == re.sub(r"\d+", "N", RECORDED[recorded]["message"])
    assert got.json["type"] == RECORDED[recorded]["type"]


@pytest.mark.parametrize("body", [b'{"model": "x", "messages": [', b"[]", b'{"messages": "hi"}', b'{"model": "x"}'])
def test_validation_errors_leak_a_path_as_the_real_ones_do(start, body):
    client = start()
    got = client.call("POST", client.path, body)

    assert (got.status, got.json["type"]) == (400, "Bad Request")
    assert "http_server.py" in got.json["message"]


def test_no_tokens_may_be_asked_for(start):
    choice = start().ask(max_tokens=0).json["choices"][0]

    assert (choice["message"]["content"], choice["finish_reason"]) == ("", "length")


def test_messages_have_errors_in_the_envelope_of_anthropic(start):
    got = start().ask(path="/v1/messages", max_tokens=...)

    assert (got.status, got.json) == (400, RECORDED["messages_error"])


def test_tokens_are_counted_without_an_answer(start):
    client = start()
    got = client.ask(path="/v1/messages/count_tokens", max_tokens=...).json

    assert ordered(got) == ordered(RECORDED["count_tokens"])
    assert got["input_tokens"] == client.ask(path="/v1/messages").json["usage"]["input_tokens"]


def test_a_full_queue_is_503_and_in_a_stream_the_first_event_of_a_200(start):
    client = start(max_running_requests=1, max_queued_requests=1, faults=("hang",))
    held = [client.open(), client.open()]
    client.state(until_open=2)
    loads = client.get("/v1/loads").json
    plain, stream = client.ask(), client.ask(stream=True)
    for one in held:
        one.close()

    assert (plain.status, plain.json) == (503, RECORDED["queue_full"])
    assert (stream.status, stream.body.decode()) == (200, RECORDED["queue_full_stream"])
    assert json.dumps(shape(loads), sort_keys=True) == json.dumps(shape(RECORDED["loads"]), sort_keys=True)
    assert (loads["loads"][0]["num_running_reqs"], loads["loads"][0]["num_waiting_reqs"]) == (1, 1)


def test_a_hang_up_frees_the_slot_for_who_waits(start):
    client = start(max_running_requests=1, faults=("hang",))
    first = client.open()
    client.state(until_open=1)
    second = client.open()
    waiting = client.state(until_open=2)
    first.close()
    left = client.state(until_open=1)
    second.close()
    gone = client.state(until_open=0)

    assert [(s["running"], s["waiting"]) for s in (waiting, left, gone)] == [(1, 1), (1, 0), (0, 0)]


def test_a_configured_key_is_wanted_as_bearer_for_all_but_the_probes(start):
    client = start(api_key="sk-test")
    refused = [
        client.ask(),
        client.ask(header={"x_api_key": "sk-test"}, path="/v1/messages"),
        client.ask(header={"authorization": "Bearer nope"}),
        client.get("/ping"),
        client.get("/v1/loads"),
    ]

    assert {(got.status, got.body) for got in refused} == {(401, b'{"error":"Unauthorized"}')}
    assert json.loads(refused[0].body) == RECORDED["no_key"]
    assert [client.get(path).status for path in ("/health", "/ready", "/metrics")] == [200, 200, 200]
    assert client.ask(header={"authorization": "Bearer sk-test"}).status == 200


def test_other_paths_and_methods_are_refused_as_recorded(start):
    client = start()
    missing, method, model = client.get("/v1/nope"), client.get(client.path), client.get("/v1/models/none")

    assert (missing.status, missing.json) == (404, RECORDED["not_found"])
    assert (method.status, method.json, method.headers["allow"]) == (405, RECORDED["wrong_method"], "POST")
    assert (model.status, model.json) == (404, RECORDED["unknown_model"])


def test_models_and_model_info_name_the_served_model(start):
    client = start(models=("Qwen/Qwen3-32B",))

    assert ordered(client.get("/v1/models").json) == ordered(RECORDED["models"])
    assert client.get("/model_info").json["served_model_name"] == "Qwen/Qwen3-32B"


def test_metrics_count_what_was_served(start):
    client = start()
    client.ask()
    client.ask()
    text = client.get("/metrics").body.decode()
    values = {line.split("{")[0]: float(line.split()[-1]) for line in text.splitlines() if line[0] != "#"}

    assert values["sglang:num_requests_total"] == 2
    assert values["sglang:generation_tokens_total"] == 16
    assert values["sglang:cached_tokens_total"] == 8
    assert values["sglang:num_running_reqs"] == 0


def test_the_caller_may_choose_the_id_and_ignore_the_end(start):
    got = start().ask(rid="my-rid-123", ignore_eos=True, max_tokens=300).json

    assert got["id"] == "my-rid-123"
    assert (got["usage"]["completion_tokens"], got["choices"][0]["finish_reason"]) == (300, "length")


def test_a_stop_text_ends_the_reply_and_is_named(start):
    choice = start().ask(stop=["]"], max_tokens=50).json["choices"][0]

    assert choice["message"]["content"] == "[sandbox sglang"
    assert (choice["finish_reason"], choice["matched_stop"]) == ("stop", "]")


def test_flushing_forgets_the_cache(start):
    client = start()
    client.ask()
    client.call("POST", "/flush_cache", b"")

    assert client.ask().json["usage"]["prompt_tokens_details"]["cached_tokens"] == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "tiny:nolora"}, "LoRA adapter 'nolora' was requested"),
        ({"temperature": -1}, "temperature must be a non-negative finite number, got -1.0."),
        ({"max_tokens": "many"}, "1 validation error"),
    ],
)
def test_what_sglang_does_check_is_checked(start, body, message):
    got = start().ask(**body)

    assert got.status == 400
    assert got.json["message"].startswith(message)


def test_a_body_of_another_type_is_refused(start):
    assert "Unsupported Media Type" in start().ask(header={"content_type": "text/plain"}).json["message"]


def test_one_model_can_be_looked_up(start):
    assert start(models=("tiny",)).get("/v1/models/tiny").json["id"] == "tiny"


def test_a_whole_tool_call_has_its_arguments_in_one_piece(start):
    choice = start().ask(tools=TOOLS, tool_choice=TOOLS[0], max_tokens=50).json["choices"][0]

    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"city": "sandbox"}
    assert choice["finish_reason"] == "tool_calls"


def test_arguments_that_are_cut_short_say_so(start):
    client = start()
    choice = client.ask(tools=TOOLS, tool_choice="required", max_tokens=1).json["choices"][0]
    forced = {"tools": [{"name": "t", "input_schema": WEATHER}], "tool_choice": {"type": "any"}}
    message = client.ask(path="/v1/messages", max_tokens=1, **forced).json

    assert choice["finish_reason"] == "length"
    assert (message["stop_reason"], message["content"][0]["input"]) == ("max_tokens", {})


def test_a_full_queue_of_messages_is_reported_in_the_envelope_of_anthropic(start):
    client = start(max_running_requests=1, max_queued_requests=0, faults=("hang",))
    held = client.open()
    client.state(until_open=1)
    plain, stream = client.ask(path="/v1/messages"), client.ask(path="/v1/messages", stream=True)
    held.close()

    assert (plain.status, plain.json["error"]["type"]) == (503, "overloaded_error")
    assert (stream.status, stream.events[0]["type"]) == (200, "error")


@pytest.mark.parametrize("fault", ["status=500", "error_first_event"])
def test_messages_fail_in_the_envelope_of_anthropic(start, fault):
    got = start(faults=(fault,)).ask(path="/v1/messages")

    assert (got.json["type"], got.json["error"]["type"]) == ("error", "api_error")
