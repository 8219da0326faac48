"""Public reports of other gateways' translations, each by name: what broke there comes out right here."""

import json

import pytest
from support.dialect_cases import CH, MS, chunk, request, streamed, whole

from gateway.wire.translate.hub import Unsupported

USER = {"role": "user", "content": "q"}
SCHEMA = {"type": "object", "properties": {}}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}
TOOL = {"name": "f", "input_schema": SCHEMA}


def to_chat(*messages, **more):
    return request(MS, CH, {"model": "m", "max_tokens": 2000, "messages": list(messages), **more})


def to_messages(*messages, **more):
    return request(CH, MS, {"model": "m", "messages": list(messages), **more})


def call(index, name=None, arguments="", call_id=None):
    return {"tool_calls": [{"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}]}


def inputs(events):
    """Name and input of each call in a stream of Messages."""
    found = []
    for event in events:
        block, delta = event.get("content_block", {}), event.get("delta", {})
        if block.get("type") == "tool_use":
            found.append([block["name"], ""])
        if delta.get("type") == "input_json_delta":
            found[-1][1] += delta["partial_json"]
    return [(name, json.loads(text or "{}")) for name, text in found]


def test_cliproxyapi_561_a_stream_that_begins_with_a_call_has_a_message_start_first():
    made = streamed(CH, MS, [chunk(call(0, "f", "{}", "c") | {"role": "assistant"}), chunk({}, "tool_calls")])
    assert [one["type"] for one in made[:2]] == ["message_start", "content_block_start"]


def test_ccrelay_119_arguments_come_as_pieces_never_in_the_start_of_a_block():
    made = streamed(CH, MS, [chunk(call(0, "f", '{"x":1}', "c")), chunk({}, "tool_calls")])
    assert [one["content_block"]["input"] for one in made if one["type"] == "content_block_start"] == [{}]
    assert inputs(made) == [("f", {"x": 1})]


def test_bifrost_4065_text_and_a_call_in_one_turn_end_with_tool_use():
    made = streamed(CH, MS, [chunk({"content": "I look."}), chunk(call(0, "f", "{}", "c")), chunk({}, "stop")])
    assert made[-2]["delta"]["stop_reason"] == "tool_use"


def test_bifrost_3441_a_stream_of_calls_alone_begins_at_block_zero_and_blocks_do_not_overlap():
    events = [
        chunk(call(0, "f", "{", "c")),
        chunk(call(1, "g", "{}", "d")),
        chunk(call(0, None, "}")),
        chunk({}, "tool_calls"),
    ]
    made = streamed(CH, MS, events)
    assert [one["index"] for one in made if one["type"] == "content_block_start"] == [0, 1]
    assert inputs(made) == [("f", {}), ("g", {})]


def test_bifrost_7348_a_named_tool_one_at_a_time():
    choice = {"type": "function", "function": {"name": "f"}}
    made, _ = to_messages(USER, tools=[FUNCTION], tool_choice=choice, parallel_tool_calls=False)
    assert made["tool_choice"] == {"type": "tool", "name": "f", "disable_parallel_tool_use": True}


def test_bifrost_2765_an_answer_without_content_has_no_empty_block():
    said = {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", **FUNCTION_CALL}]}
    made, _ = to_messages(USER, said, {"role": "tool", "tool_call_id": "c", "content": ""}, tools=[FUNCTION])
    assert [block["type"] for block in made["messages"][1]["content"]] == ["tool_use"]


FUNCTION_CALL = {"function": {"name": "f", "arguments": "{}"}}


def test_sglang_23071_a_name_that_is_null_in_later_pieces_is_no_new_call():
    events = [
        chunk(call(0, "f", "", "c")),
        chunk(call(0, None, "{", None)),
        chunk(call(0, None, "}", None)),
        chunk({}, "stop"),
    ]
    assert inputs(streamed(CH, MS, events)) == [("f", {})]


def test_sglang_11888_arguments_that_come_only_at_the_end_arrive():
    events = [chunk(call(0, "f", "", "c")), chunk(call(0, None, '{"a": [1, 2]}')), chunk({}, "tool_calls")]
    assert inputs(streamed(CH, MS, events)) == [("f", {"a": [1, 2]})]


def test_claude_code_63469_and_sglang_28792_a_system_turn_in_the_middle_stays_there():
    made, _ = to_chat(USER, {"role": "assistant", "content": "a"}, {"role": "system", "content": "S"}, USER)
    assert [one["role"] for one in made["messages"]] == ["user", "assistant", "system", "user"]


def test_bifrost_3498_a_budget_of_thinking_is_below_the_limit():
    made, _ = to_messages(USER, reasoning_effort="high", max_completion_tokens=1500)
    assert made["thinking"]["budget_tokens"] < made["max_tokens"] == 1500


def test_bifrost_6132_the_limit_survives_under_either_name():
    for name in ("max_tokens", "max_completion_tokens"):
        assert to_messages(USER, **{name: 77})[0]["max_tokens"] == 77


def test_litellm_26916_signed_thinking_never_becomes_text_for_another_vendor():
    thinking = {"type": "thinking", "thinking": "secret plan", "signature": "SIGN=="}
    made, lost = to_chat(USER, {"role": "assistant", "content": [thinking, {"type": "text", "text": "a"}]}, USER)
    assert "secret plan" not in json.dumps(made)
    assert any(loss.startswith("thinking") for loss in lost)


def test_adk_4999_thinking_blocks_of_litellms_clients_keep_their_signatures():
    said = {
        "role": "assistant",
        "content": "a",
        "thinking_blocks": [{"type": "thinking", "thinking": "t", "signature": "S"}],
    }
    made, _ = to_messages(USER, said, USER)
    assert made["messages"][1]["content"][0] == {"type": "thinking", "thinking": "t", "signature": "S"}


def test_litellm_29600_a_chunk_with_reasoning_alone_is_thinking():
    made = streamed(CH, MS, [chunk({"reasoning_content": "hmm"}), chunk({"content": "a"}), chunk({}, "stop")])
    assert [one["content_block"]["type"] for one in made if one["type"] == "content_block_start"] == [
        "thinking",
        "text",
    ]


def test_aisix_170_a_call_in_a_whole_answer_is_not_dropped():
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}}
    made, _ = whole(MS, CH, {"id": "m", "model": "m", "content": [block], "stop_reason": "tool_use", "usage": {}})
    (found,) = made["choices"][0]["message"]["tool_calls"]
    assert (found["id"], json.loads(found["function"]["arguments"])) == ("t", {"x": 1})


def test_mcp_context_forge_6258_tools_and_choice_reach_the_vendor():
    made, _ = to_messages(USER, tools=[FUNCTION], tool_choice="required")
    assert (made["tools"][0]["name"], made["tool_choice"]) == ("f", {"type": "any"})


def test_zcode_23_the_usage_of_a_stream_is_that_of_its_end_without_the_cached_tokens():
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 60}}
    made = streamed(CH, MS, [chunk({"content": "a"}), chunk({}, "stop"), {"id": "x", "choices": [], "usage": usage}])
    assert (made[-2]["usage"]["input_tokens"], made[-2]["usage"]["cache_read_input_tokens"]) == (40, 60)


def test_vercel_ai_17326_message_start_is_not_zero():
    made = streamed(CH, MS, [chunk({"content": "a"}), chunk({}, "stop")], about=12)
    assert made[0]["message"]["usage"]["input_tokens"] == 12


def test_litellm_38269_a_schema_is_never_dropped_silently():
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA | {"additionalProperties": False}}}
    made, _ = to_messages(USER, response_format=form, tools=[FUNCTION])
    assert made["output_config"]["format"]["schema"] == form["json_schema"]["schema"]


def test_litellm_docs_414_a_tool_without_a_function_is_refused_by_its_place_and_nothing_crashes():
    with pytest.raises(Unsupported, match=r"tools\[1\]"):
        to_messages(USER, tools=[FUNCTION, {"type": "web_search"}])


def test_litellm_19077_a_schema_keeps_its_definitions():
    schema = {"$defs": {"A": {"type": "string"}}, "type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}}
    made, _ = to_chat(USER, tools=[TOOL | {"input_schema": schema}])
    assert made["tools"][0]["function"]["parameters"] == schema


def test_litellm_13546_a_picture_at_an_address_is_passed_on_and_never_fetched():
    url = "https://example.com/a.png"
    image = {"type": "image_url", "image_url": {"url": url}}
    made, _ = to_messages({"role": "user", "content": [image]})
    assert made["messages"][0]["content"][0]["source"] == {"type": "url", "url": url}


def test_a_prefill_stays_the_last_turn():
    made, _ = to_messages(USER, {"role": "assistant", "content": "{"})
    assert made["messages"][-1] == {"role": "assistant", "content": [{"type": "text", "text": "{"}]}


def test_several_results_are_one_turn_each_beside_the_other():
    results = [{"type": "tool_result", "tool_use_id": name, "content": name} for name in "ab"]
    calls = [{"type": "tool_use", "id": name, "name": "f", "input": {}} for name in "ab"]
    made, _ = to_chat(USER, {"role": "assistant", "content": calls}, {"role": "user", "content": results})
    assert [(one["role"], one.get("tool_call_id")) for one in made["messages"][2:]] == [("tool", "a"), ("tool", "b")]
    back, _ = to_messages(*made["messages"], tools=[FUNCTION])
    assert [block["tool_use_id"] for block in back["messages"][2]["content"]] == ["a", "b"]
