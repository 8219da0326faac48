"""Translation between dialects on traffic of real vendors: by the vendors' types and accumulators, and leaf by leaf.

The recorded traffic and the 151 cases lie in ../shared; without them these tests skip.
"""

import contextlib
import copy
import gzip
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.message_create_params import MessageCreateParams
from hypothesis import given
from hypothesis import strategies as st
from openai import omit
from openai._models import construct_type_unchecked
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.lib.streaming.responses._responses import ResponseStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParams
from pydantic import TypeAdapter
from support.dialect_cases import CH, MS, RS, SHARED, caller, framed, judged, loaded, parsed, request, streamed, whole

from gateway.domain.errors import InvalidRequest
from gateway.wire.sse import EventSplitter
from gateway.wire.translate.hub import Unsupported
from gateway.wire.translate.translation import EventUnreadable, StreamTranslation

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared")
REQUESTS = {
    CH: TypeAdapter(CompletionCreateParams),
    MS: TypeAdapter(MessageCreateParams),
    RS: TypeAdapter(ResponseCreateParams),
}
ANSWERS = {CH: ChatCompletion, MS: Message, RS: Response}
EVENTS = {
    CH: TypeAdapter(ChatCompletionChunk),
    MS: TypeAdapter(RawMessageStreamEvent),
    RS: TypeAdapter(ResponseStreamEvent),
}
OTHERS = {CH: (MS, RS), MS: (CH, RS), RS: (CH, MS)}
REFUSED = {"n>1 (refuse or tell)", "built-in web_search", "previous_response_id/store"}
"""Groups of cases that are refused with a sentence: the other side has nothing for them."""
RENAMED = {
    "role",
    "type",
    "stop",
    "reasoning_effort",
    "tool_choice",
    "service_tier",
    "model",
    "thinking",
    "effort",
    "media_type",
    "mode",
    "status",
}
"""Keys whose values are words of one dialect, mapped to words of the other."""


UNSUPPORTED = {
    "chatCompletionsGcsBackedVideoFileParam",
    "responsesInputFileUrlParam",
    "responsesToolSearchInputParam",
    "textEditorToolV2Param",
    "textEditorToolV3Param",
    "webSearchToolAdvancedParam",
}
"""Recorded requests that use the vendor's own tools, or a file that is kept at the vendor."""
SAMPLING = {"temperature", "top_p"}
"""Only models before 2026 take them from Anthropic's, and the types of today do not have them any more."""


def recorded(*kinds: str) -> list[dict[str, Any]]:
    """Rows of all dialects; but for one stream of Responses whose events are of another, older shape."""
    if not SHARED.is_dir():
        return []
    with gzip.open(SHARED / "recorded.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    return [
        row | {"dialect": row["dialect"].split(" ")[0]} for row in rows if row["what"] in kinds and not is_older(row)
    ]


def is_older(row: dict[str, Any]) -> bool:
    return row["dialect"] == RS and row["what"].endswith("streaming") and any("type" not in one for one in row["body"])


def named(rows: list[dict[str, Any]]) -> list[Any]:
    """Each row with each dialect that it may become."""
    return [
        pytest.param(row, other, id=f"{row['case']}-{row['dialect']}-{other}-{row['what']}")
        for row in rows
        for other in OTHERS[row["dialect"]]
    ]


CASES = loaded() if SHARED.is_dir() else []


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case[0]} {case[1]}") for case in CASES])
def test_a_case_comes_out_right_or_is_refused_with_a_sentence(case):
    found = judged(case)
    assert found == "" or (case[0] in REFUSED and found.startswith("refused: "))


@pytest.mark.parametrize(("row", "other"), named(recorded("request", "followup-request")))
def test_a_recorded_request_is_one_of_the_other_dialect_and_nothing_of_it_is_lost_without_a_word(row, other):
    spoken = row["dialect"]
    try:
        made, lost = request(spoken, other, row["body"])
    except Unsupported:
        assert row["case"] in UNSUPPORTED
        return
    REQUESTS[other].validate_python(made)
    assert unknown(made, REQUESTS[other]) == []
    told = [loss.partition(":")[0] for loss in lost]
    written = texts(made)
    assert [path for path, text in leaves(row["body"]) if not is_there(text, written) and not is_told(path, told)] == []


@pytest.mark.parametrize(("row", "other"), named(recorded("response", "followup-response")))
def test_a_recorded_answer_is_one_of_the_other_dialect_with_all_its_texts(row, other):
    spoken = row["dialect"]
    made, lost = whole(spoken, other, row["body"])

    ANSWERS[other].model_validate(made, strict=True)
    written = texts(made)
    said, before = content_of(spoken, row["body"])
    told = [loss.partition(":")[0] for loss in lost]
    assert [
        path for path, text in leaves(said, before) if not is_there(text, written) and not is_told(path, told)
    ] == []


def content_of(dialect: str, body: dict[str, Any]) -> tuple[Any, str]:
    """What an answer says, and the path to it."""
    if dialect == CH:
        return body["choices"][0]["message"], ""
    return (body["content"], "content") if dialect == MS else (body["output"], "output")


@pytest.mark.parametrize(("row", "other"), named(recorded("response-streaming", "followup-response-streaming")))
def test_a_stream_says_what_the_same_answer_says_that_came_whole(row, other):
    spoken = row["dialect"]
    events = row["body"]
    made = streamed(spoken, other, events, about=0)
    if other == CH and "custom_tool_call" in str(events):  # the official types know no stream with such a call
        assert '"type": "custom"' in json.dumps(made)
        return

    for event in made:
        EVENTS[other].validate_python(event)
    assert framing(other, made) == []
    expected, _ = whole(spoken, other, accumulated(spoken, events))
    assert said(other, accumulated(other, made)) == said(other, expected)


STREAMS = recorded("response-streaming", "followup-response-streaming")


@given(st.data())
def test_a_stream_that_is_cut_anywhere_becomes_the_same_bytes(data):
    row = data.draw(st.sampled_from(STREAMS))
    spoken = row["dialect"]
    other = data.draw(st.sampled_from(OTHERS[spoken]))
    raw = b"".join(framed(spoken, event) for event in row["body"])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=20)))

    def translate(pieces: list[bytes]) -> bytes:
        splitter = EventSplitter()
        made = StreamTranslation(spoken, caller(other))
        return b"".join(out for piece in pieces for event in splitter.feed(piece) for out in made.feed(event))

    edges = [0, *cuts, len(raw)]
    assert translate([raw[a:b] for a, b in itertools.pairwise(edges)]) == translate([raw])


WIRES = {"chat": CH, "messages": MS, "responses": RS}


def from_vendors(*ends: str) -> list[Any]:
    if not SHARED.is_dir():
        return []
    with gzip.open(SHARED / "vendor_streams.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    return [
        pytest.param(row, other, id=f"{row['vendor']}-{row['file']}-{other}")
        for row in rows
        for other in OTHERS.get(WIRES.get(row["wire"], ""), ())
        if row["file"].endswith(ends) and row["wire"] in WIRES and "realtime" not in row["file"]
    ]


@pytest.mark.parametrize(("row", "other"), from_vendors(".txt", ".sse"))
def test_streams_of_vendors_keep_their_frames_and_say_what_the_whole_answer_says(row, other):
    spoken = WIRES[row["wire"]]
    events = list(events_of(row["text"]))
    if "spliced" in row["file"]:
        with pytest.raises(EventUnreadable):
            streamed(spoken, other, events)
        return
    made = streamed(spoken, other, events)

    for event in made:
        EVENTS[other].validate_python(event)
    assert framing(other, made) == []


@pytest.mark.parametrize(("row", "other"), from_vendors(".json"))
def test_answers_of_vendors_are_answers_of_the_other_dialect(row, other):
    spoken = WIRES[row["wire"]]
    tree = json.loads(row["text"])
    where = {CH: "choices", MS: "content", RS: "output"}[spoken]
    if not isinstance(tree.get(where), list) or "text" in str(tree.get("object")):
        pytest.skip("no answer of this path")
    ANSWERS[other].model_validate(whole(spoken, other, tree)[0], strict=True)


def events_of(text: str) -> Iterator[dict[str, Any]]:
    """Each line that is JSON, with or without its frame."""
    for line in text.splitlines():
        data = line.removeprefix("data:").strip()
        if data.startswith("{"):
            event = json.loads(data)
            yield event
            if event.get("type") in {
                "message_stop",
                "response.completed",
                "response.incomplete",
            }:  # some files hold several answers
                return


def framing(dialect: str, events: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the order of a stream's events."""
    if dialect == CH:
        finishes = [
            choice["finish_reason"] for event in events for choice in event["choices"] if choice["finish_reason"]
        ]
        return [] if len(finishes) == 1 and "usage" in events[-1] else [f"{finishes}"]
    if dialect == RS:
        return framing_of_responses(events)
    wrong, open_ = [], None
    for event in events:
        match event["type"]:
            case "content_block_start":
                wrong += [f"block {open_} is open"] if open_ is not None else []
                open_ = event["index"]
            case "content_block_delta" | "content_block_stop" if event["index"] != open_:
                wrong.append(f"block {event['index']} is not open")
            case "content_block_stop":
                open_ = None
    types = [event["type"] for event in events]
    ends = types[0] == "message_start" and types[-2:] == ["message_delta", "message_stop"]
    return wrong if ends and types.count("message_start") == 1 else [*wrong, f"{types[0]} … {types[-2:]}"]


def framing_of_responses(events: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a stream: numbers, beginning and end, pieces against whole texts."""
    wrong, pieces = [], {}
    for number, event in enumerate(events):
        kind = event["type"]
        wrong += [] if event["sequence_number"] == number else [f"{kind} has another number"]
        place = event.get("output_index"), kind.rpartition(".")[0]
        if kind.endswith(".delta"):
            pieces[place] = pieces.get(place, "") + event["delta"]
        elif kind.endswith(("_text.done", "refusal.done", "arguments.done", "input.done")):
            text = next(event[name] for name in ("text", "refusal", "arguments", "input") if name in event)
            wrong += [] if text == pieces.get(place, "") or (text == "{}" and place not in pieces) else [f"{place}"]
        elif kind == "response.output_item.done":
            whole_items = events[-1]["response"]["output"]
            wrong += [] if event["item"] in whole_items else [f"item {event['output_index']} is not in the end"]
    kinds = [event["type"] for event in events]
    ends = kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] in COMPLETED
    return wrong if ends else [*wrong, f"{kinds[:2]} … {kinds[-1]}"]


OWN = ("id", "status")
COMPLETED = ("response.completed", "response.incomplete")


def accumulated(dialect: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole answer, by the vendor's own client."""
    if dialect == CH:
        state = ChatCompletionStreamState()
        for event in map(without_repeated_ids(), events):
            if event.get("object") == "chat.completion.chunk":
                state.handle_chunk(ChatCompletionChunk.model_validate(event))
        return state.current_completion_snapshot.model_dump(mode="json", exclude_none=True)
    if dialect == RS:
        state = ResponseStreamState(input_tools=[], text_format=omit)
        for event in events:
            state.handle_event(construct_type_unchecked(type_=ResponseStreamEvent, value=event))
        return copy.deepcopy(events[-1]["response"])
    snapshot, buffers = None, {}
    for event in events:
        if event["type"] not in {"ping", "error"}:
            made = TypeAdapter(RawMessageStreamEvent).validate_python(event)
            snapshot = accumulate_event(event=made, current_snapshot=snapshot, json_bufs=buffers)
    return snapshot.model_dump(mode="json", exclude_none=True)


def without_repeated_ids():
    """Take away ids of calls that were said before: some vendors repeat them, and the client joins them."""
    seen: set[str] = set()

    def cleaned(event: dict[str, Any]) -> dict[str, Any]:
        event = copy.deepcopy(event)
        for choice in event.get("choices", ()):
            for call in choice.get("delta", {}).get("tool_calls") or ():
                if call.get("id") in seen:
                    call.pop("id", None)
                else:
                    seen.add(call.get("id"))
        return event

    return cleaned


def said(dialect: str, tree: dict[str, Any]) -> Any:
    """What an answer says and used, in an order that both ways have."""
    if dialect == CH:
        choice = tree["choices"][0]
        message = choice["message"]
        calls = [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in message.get("tool_calls") or ()
        ]
        usage = {name: tree["usage"][name] for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
        return choice["finish_reason"], message.get("content") or "", message.get("reasoning_content"), calls, usage
    if dialect == RS:
        items = [
            {
                name: json.loads(value) if name == "arguments" else value
                for name, value in item.items()
                if name not in OWN
            }
            for item in tree["output"]
        ]
        usage = {name: tree["usage"][name] for name in ("input_tokens", "output_tokens", "total_tokens")}
        return tree["status"], tree["incomplete_details"], items, usage
    parts = [
        {
            name: "sealed" if name == "data" else part[name]  # OpenAI seals the same reasoning twice
            for name in ("type", "text", "thinking", "id", "name", "input", "data")
            if part.get(name) is not None
        }
        for part in tree["content"]
    ]
    usage = {
        name: tree["usage"].get(name) or 0 for name in ("input_tokens", "cache_read_input_tokens", "output_tokens")
    }
    return tree["stop_reason"], parts, usage


def unknown(tree: dict[str, Any], adapter: TypeAdapter) -> list[str]:
    """Top-level keys that the official type does not have."""
    schema = adapter.json_schema()
    known = set().union(
        *(definition.get("properties", {}) for definition in [schema, *schema.get("$defs", {}).values()])
    )
    return sorted(set(tree) - known - SAMPLING)


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of each string that is no word of the dialect."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in RENAMED:
                yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, f"{path}[{number}]")
    elif isinstance(node, str) and node.strip() and not NO_MATTER.search(path):
        yield path, node


NO_MATTER = re.compile(r"^(input|output)\[\d+\]\.id$|^input.*\.detail$")
"""Names that a vendor gives to its items, and how closely a picture is looked at."""


def texts(node: Any) -> str:
    """All strings of a tree, and JSON in strings too."""
    found = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for name, inside in value.items():
                found.append(name)
                walk(inside)
        elif isinstance(value, list):
            for inside in value:
                walk(inside)
        elif isinstance(value, str):
            found.append(value)
            if value.startswith(("{", "[")):
                try:
                    walk(json.loads(value))
                except ValueError:
                    return

    walk(node)
    return "\x1f".join(found)


def is_there(text: str, written: str) -> bool:
    """Whether a text stands there, or the data of its URL does, or what its JSON says."""
    if text in written or text.rpartition(";base64,")[2] in written:
        return True
    try:
        return all(inner in written for _, inner in leaves(json.loads(text)))
    except ValueError:
        return False


def is_told(path: str, told: list[str]) -> bool:
    """Whether a path or one above it is among the losses; of ``cache_control`` and signatures, wherever they stand."""
    above = any(path == loss or path.startswith((f"{loss}.", f"{loss}[")) for loss in told)
    last = path.rpartition(".")[2]
    return (
        above
        or ("cache_control" in path and "cache_control" in told)
        or (last in {"signature", "data"} and "thinking" in told)
        or ("input.reasoning" in told and (".summary[" in path or last == "encrypted_content"))
    )


def test_an_event_without_data_becomes_nothing():
    made = StreamTranslation(CH, caller(MS))
    assert made.feed(b": ping\n\n") == []
    assert parsed(made.feed(framed(CH, {"id": "x", "model": "m", "choices": []}))[0])["type"] == "message_start"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, width=16) | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.sampled_from(["type", "text", "url"]), inside),
    max_leaves=4,
)
BODIES = recorded("request", "followup-request")


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Ways to each node of a tree but the whole."""
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield (*path, key)
        yield from places(node[key], (*path, key))


@given(st.data())
def test_a_request_of_any_shape_is_translated_or_refused_and_left_as_it_is(data):
    row = data.draw(st.sampled_from(BODIES))
    body = copy.deepcopy(row["body"])
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(places(body))))
        holder = body
        for key in way:
            holder = holder[key]
        holder[last] = data.draw(ANYTHING)
        if not body:
            return
    before = copy.deepcopy(body)
    other = data.draw(st.sampled_from(OTHERS[row["dialect"]]))
    with contextlib.suppress(Unsupported, InvalidRequest):
        made, _ = request(row["dialect"], other, body)
        json.dumps(made)
    assert body == before


@given(st.data())
def test_an_answer_and_a_stream_of_any_shape_raise_nothing_but_that_they_cannot_be_read(data):
    row = data.draw(st.sampled_from(STREAMS))
    spoken = row["dialect"]
    events = copy.deepcopy(row["body"])
    *way, last = data.draw(st.sampled_from(list(places(events))))
    holder: Any = events
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(ANYTHING)
    other = data.draw(st.sampled_from(OTHERS[spoken]))
    made = StreamTranslation(spoken, caller(other))
    for event in events:
        with contextlib.suppress(EventUnreadable):
            made.feed(b"data: " + json.dumps(event).encode() + b"\n\n")
    made.end()

    tree = accumulated(spoken, row["body"])
    *way, last = data.draw(st.sampled_from(list(places(tree))))
    holder = tree
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(ANYTHING)
    json.dumps(whole(spoken, other, tree)[0])
