"""Unmasking is right wherever the answer is cut, in prose and in JSON inside of JSON, in both dialects."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import chunk, event, named

from gateway.pipeline.unmasking import StreamUnmasker, whole_answer
from gateway.sensitivity.unmask import Unmasker
from gateway.sensitivity.vault import Vault
from gateway.sensitivity.written import At
from gateway.wire.sse import EventSplitter, data_of

VALUES = ["ann@b.de", 'o"brien\\x@b.de', "+49 170 1234567", "MASKED", "ünï@b.de", "a"]
WORDS = [
    "Hello",
    " ",
    "M",
    "MA",
    "MASKED",
    "MASKED_",
    "MASKED_EMAIL",
    "_",
    "EMAIL_0",
    "\n",
    "ü",
    "🙂",
    '"',
    "\\",
    "x@y",
]


def answer(seed):
    """A vault, a text that uses its placeholders and looks like them, and the text as it was meant."""
    rng = random.Random(seed)
    vault = Vault(b"s", str(seed))
    names = [vault.placeholder(rng.choice(["email", "phone"]), value) for value in VALUES]
    seen, meant = [], []
    for _ in range(rng.randint(1, 8)):
        if rng.random() < 0.5:
            name = rng.choice(names)
            seen.append(name)
            meant.append(vault.values[name])
        else:
            seen.append(rng.choice(WORDS))
            meant.append(seen[-1])
    return vault, "".join(seen), "".join(meant)


def test_every_split_point_of_a_thousand_answers():
    wrong = 0
    for seed in range(1000):
        vault, seen, meant = answer(seed)
        for cut in range(len(seen) + 1):
            reader = Unmasker(vault)
            wrong += reader.feed(seen[:cut]) + reader.feed(seen[cut:]) + reader.end() != meant
    assert wrong == 0


QUOTES = ['"', "'", "\n", "p: ", "p=", '\\"', "<p>", "</p>", "\\", " "]


@pytest.mark.parametrize("inside_json", [False, True])
def test_how_a_value_is_written_does_not_depend_on_where_its_text_is_cut(inside_json):
    wrong = 0
    for seed in range(30):
        vault, seen, _ = answer(seed)
        rng = random.Random(seed)
        for name, value in vault.values.items():
            vault.see(name, rng.choice([*At]), value)
        seen = "".join(piece + rng.choice(QUOTES) for piece in (*seen.partition("MASKED_"), *vault.values))
        text = json.dumps({"to": seen}) if inside_json else seen
        whole = Unmasker(vault, inside_json=inside_json)
        meant = whole.feed(text) + whole.end()
        if inside_json:
            json.loads(meant)
        for cut in range(len(text) + 1):
            reader = Unmasker(vault, inside_json=inside_json)
            wrong += reader.feed(text[:cut]) + reader.feed(text[cut:]) + reader.end() != meant
    assert wrong == 0


@given(st.integers(0, 10_000), st.data())
def test_any_number_of_pieces(seed, data):
    vault, seen, meant = answer(seed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(seen)), max_size=10)))
    pieces = [seen[a:b] for a, b in zip([0, *cuts], [*cuts, len(seen)], strict=True)]
    reader = Unmasker(vault)
    assert "".join(map(reader.feed, pieces)) + reader.end() == meant


def openai(pieces):
    """A stream with each piece as prose, and as a tool's arguments."""
    for piece in pieces:
        yield chunk(piece)
    for piece in pieces:
        call = {"index": 0, "function": {"arguments": json.dumps(piece)[1:-1]}}
        yield event({"id": "c1", "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]})
    yield chunk(finish="stop")
    yield event(b"[DONE]")


def anthropic(pieces):
    yield named("message_start", message={"id": "m1", "usage": {}})
    for index, (kind, name) in enumerate((("text_delta", "text"), ("input_json_delta", "partial_json"))):
        yield named("content_block_start", index=index, content_block={"type": "text", "text": ""})
        for piece in pieces:
            text = piece if name == "text" else json.dumps(piece)[1:-1]
            yield named("content_block_delta", index=index, delta={"type": kind, name: text})
        yield named("content_block_stop", index=index)
    yield named("message_delta", delta={"stop_reason": "end_turn"})
    yield named("message_stop")


def responses(pieces):
    """A stream with each piece as prose, and as a tool's arguments; what is whole is told again."""
    text, arguments = "".join(pieces), "".join(json.dumps(piece)[1:-1] for piece in pieces)
    said = {"type": "message", "content": [{"type": "output_text", "text": text}]}
    called = {"type": "function_call", "call_id": "c", "name": "f", "arguments": f'"{arguments}"'}
    yield named("response.created", response={"id": "resp_1", "output": []})
    for piece in pieces:
        yield named("response.output_text.delta", output_index=0, content_index=0, delta=piece)
    yield named("response.output_text.done", output_index=0, content_index=0, text=text)
    yield named("response.output_item.done", output_index=0, item=said)
    for piece in pieces:
        yield named("response.function_call_arguments.delta", output_index=1, delta=json.dumps(piece)[1:-1])
    yield named("response.function_call_arguments.done", output_index=1, arguments=f'"{arguments}"')
    yield named("response.completed", response={"id": "resp_1", "output": [said, called]})


def texts(raw):
    """The prose and the JSON of a stream, as its client reads them."""
    prose, arguments = "", ""
    for one in EventSplitter().feed(raw):
        data = data_of(one)
        if data == b"[DONE]":
            continue
        tree = json.loads(data)
        for choice in tree.get("choices", ()):
            prose += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", ()):
                arguments += call["function"]["arguments"]
        delta = tree.get("delta", {})
        if isinstance(delta, str):
            prose += delta if "text" in tree["type"] else ""
            arguments += "" if "text" in tree["type"] else delta
            continue
        prose += delta.get("text", "")
        arguments += delta.get("partial_json", "")
    return prose, arguments


@pytest.mark.parametrize("dialect", [openai, anthropic, responses])
@given(seed=st.integers(0, 10_000), data=st.data())
def test_whole_streams_of_all_dialects(dialect, seed, data):
    vault, seen, meant = answer(seed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(seen)), max_size=6)))
    pieces = [seen[a:b] for a, b in zip([0, *cuts], [*cuts, len(seen)], strict=True)]
    reader = StreamUnmasker(vault)
    out = []
    for raw in dialect(pieces):
        if raw.startswith((b"data: [DONE]", b"event: message_stop")):
            out.append(reader.end())
        out.append(reader.event(raw))
    prose, arguments = texts(b"".join(out))
    assert prose == meant
    assert json.loads(f'"{arguments}"') == meant
    if dialect is responses:
        assert_whole(b"".join(out), meant)


def assert_whole(raw, meant):
    """Hold each event that tells a text again to what it means."""
    trees = [json.loads(data_of(one)) for one in EventSplitter().feed(raw)]
    done = {tree["type"].removeprefix("response."): tree for tree in trees}
    said, called = done["completed"]["response"]["output"]
    assert done["output_text.done"]["text"] == said["content"][0]["text"] == meant
    assert done["output_item.done"]["item"] == said
    assert json.loads(done["function_call_arguments.done"]["arguments"]) == json.loads(called["arguments"]) == meant


@given(st.integers(0, 10_000))
def test_a_whole_answer(seed):
    vault, seen, meant = answer(seed)
    call = {"function": {"arguments": json.dumps({"to": seen})}}
    got = json.loads(whole_answer({"choices": [{"message": {"content": seen, "tool_calls": [call]}}]}, vault))
    message = got["choices"][0]["message"]
    assert message["content"] == meant
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"to": meant}


def test_a_stream_without_placeholders_is_passed_on_byte_for_byte():
    vault, _, _ = answer(1)
    reader = StreamUnmasker(vault)
    raw = [*openai(["Hello", " you"])]
    assert b"".join(map(reader.event, raw)) + reader.end() == b"".join(raw)


BREAKS = ["\n", "\\", " ", "\r\n  "[:3], "\\\n"]


@given(st.integers(0, 10_000), st.data())
def test_a_placeholder_that_is_wrapped_or_escaped_is_restored_wherever_it_is_cut(seed, data):
    vault = Vault(b"s", "t")
    name = vault.placeholder("email", "ann@b.de")
    places = sorted(data.draw(st.sets(st.integers(1, len(name) - 1), max_size=4)), reverse=True)
    broken = name
    for place in places:
        broken = broken[:place] + data.draw(st.sampled_from(BREAKS)) + broken[place:]
    text = f"see {broken}, M and MA\n{broken}."
    cut = seed % (len(text) + 1)
    reader = Unmasker(vault)
    assert reader.feed(text[:cut]) + reader.feed(text[cut:]) + reader.end() == "see ann@b.de, M and MA\nann@b.de."
    inside = json.dumps(text)[1:-1]
    cut = seed % (len(inside) + 1)
    reader = Unmasker(vault, inside_json=True)
    got = reader.feed(inside[:cut]) + reader.feed(inside[cut:]) + reader.end()
    assert json.loads(f'"{got}"') == "see ann@b.de, M and MA\nann@b.de."
