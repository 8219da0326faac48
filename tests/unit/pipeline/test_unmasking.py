"""What a stream's client gets where its target saw placeholders (tests/property/test_masking.py has every cut)."""

import json

import pytest
from support.fakes import DONE, chunk

from gateway.pipeline.unmasking import StreamUnmasker, whole_answer
from gateway.sensitivity.vault import Vault
from gateway.sensitivity.written import At


def vault():
    one = Vault(b"s", "c")
    return one, one.placeholder("email", "a@b.de")


def test_what_is_held_at_the_finish_comes_with_it():
    one, name = vault()
    reader = StreamUnmasker(one)
    out = reader.event(chunk("see " + name[:5])) + reader.event(chunk("", finish="stop"))
    said = [json.loads(line[6:])["choices"][0]["delta"].get("content") for line in out.decode().split("\n\n")[:-1]]
    assert "".join(filter(None, said)) == "see " + name[:5]


def test_without_a_finish_it_comes_before_the_end():
    one, name = vault()
    reader = StreamUnmasker(one)
    reader.event(chunk(name[:5]))
    assert name[:5].encode() in reader.end()
    assert reader.end() == b""


def test_other_lines_of_an_event_stay():
    one, name = vault()
    raw = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":' + (
        b'{"type":"text_delta","text":"' + name.encode() + b'"}}\n\n'
    )
    assert StreamUnmasker(one).event(raw).startswith(b"event: content_block_delta\ndata: {")


def test_what_is_no_json_is_left_alone():
    one, _ = vault()
    assert StreamUnmasker(one).event(b"data: Mist\n\n") == b"data: Mist\n\n"
    assert StreamUnmasker(one).event(DONE) == DONE


def test_a_refusal_and_reasoning_are_restored_too():
    one, name = vault()
    got = json.loads(whole_answer({"choices": [{"message": {"refusal": name, "reasoning_content": name}}]}, one))
    assert set(got["choices"][0]["message"].values()) == {"a@b.de"}


def test_what_is_held_of_one_tool_comes_before_the_next_one_begins():
    one, name = vault()
    reader = StreamUnmasker(one)

    def call(index, text):
        delta = {"tool_calls": [{"index": index, "function": {"arguments": text}}]}
        return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode() + b"\n\n"

    out = reader.event(call(0, "M")) + reader.event(call(1, name)) + reader.end()
    calls = [json.loads(line[6:])["choices"][0]["delta"]["tool_calls"][0] for line in out.decode().split("\n\n")[:-1]]
    assert [(each["index"], each["function"]["arguments"]) for each in calls] == [(0, ""), (0, "M"), (1, "a@b.de")]


def test_signed_thinking_of_a_stream_keeps_its_placeholders():
    one, name = vault()
    delta = {"type": "thinking_delta", "thinking": f"to {name}"}
    raw = b"data: " + json.dumps({"type": "content_block_delta", "index": 0, "delta": delta}).encode() + b"\n\n"

    assert StreamUnmasker(one).event(raw) == raw


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "NAME", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "id": "c1", "custom": {"name": "NAME", "input": ""}}]},
        {"function_call": {"name": "NAME", "arguments": ""}},
    ],
)
def test_the_name_of_a_tool_is_restored_in_a_stream(delta):
    one, name = vault()
    raw = json.dumps({"choices": [{"index": 0, "delta": delta}]}).replace("NAME", f"ask_{name}")
    out = StreamUnmasker(one).event(f"data: {raw}\n\n".encode())
    assert b'"name":"ask_a@b.de"' in out


def test_what_stands_before_a_placeholder_counts_also_if_it_came_in_events_without_one():
    one = Vault(b"s", "c")
    name = one.placeholder("secret", 'a"b')
    one.see(name, At.BARE, 'a"b')
    reader = StreamUnmasker(one)
    out = b"".join(map(reader.event, map(chunk, ('{"p": ', '"', name, '"', "}"))))
    said = [json.loads(line[6:])["choices"][0]["delta"]["content"] for line in out.decode().split("\n\n")[:-1]]
    assert "".join(said) == '{"p": "a\\"b"}'


def test_a_value_in_a_message_that_is_json_is_escaped_there():
    one = Vault(b"s", "c")
    value = 'say "hi"\\'
    name = one.placeholder("email", value)
    answer = {"type": "message", "content": [{"type": "text", "text": json.dumps({"a": name})}]}
    (text,) = json.loads(whole_answer(answer, one, json_content=True))["content"]
    assert json.loads(text["text"]) == {"a": value}

    reader = StreamUnmasker(one, json_content=True)
    event = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": f'{{"a":"{name}"}}'}}
    out = reader.event(b"event: content_block_delta\ndata: " + json.dumps(event).encode() + b"\n\n")
    assert json.loads(json.loads(out.split(b"data: ")[1])["delta"]["text"]) == {"a": value}
