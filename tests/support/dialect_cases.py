"""The 151 cases of translation in ../shared: what they are built from, and how one is run over our translation.

The file holds data and predicates, and names helpers that are not there. What it needs of them is made here.
"""

import contextlib
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import orjson

from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.openai_responses import OpenAIResponses
from gateway.wire.translate.hub import Unsupported
from gateway.wire.translate.translation import Caller, StreamTranslation, answer, translated

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "wire"
CH, MS, RS = "openai.chat", "anthropic.messages", "openai.responses"
PAIRS = [(a, b) for a in (CH, MS, RS) for b in (CH, MS, RS) if a != b]
READ_BY = {CH: OpenAIChat(), MS: AnthropicMessages(), RS: OpenAIResponses()}
NOW = 1_800_000_000
MOST = 8192
_QUESTION = [{"role": "user", "content": "q"}]
MINIMAL = {
    CH: {"model": "m", "messages": _QUESTION, "stream": False},
    MS: {"model": "m", "max_tokens": 100, "messages": _QUESTION, "stream": False},
    RS: {"model": "m", "input": "q", "stream": False},
}
_HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
_USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
_MESSAGE = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
_ITEM = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
_SAID = {"type": "output_text", "text": "Hello", "annotations": []}


def chunk(delta, finish=None):
    return {**_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


CHAT_ANSWER = {
    **_HEAD,
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": _USAGE,
}
MESSAGES_ANSWER = {
    **_MESSAGE,
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "output_tokens": 7},
}
RESPONSES_ANSWER = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "status": "completed",
    "model": "m",
    "output": [{**_ITEM, "content": [_SAID]}],
    "usage": {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12},
}
CHAT_STREAM = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "Hel"}),
    chunk({"content": "lo"}),
    chunk({}, "stop"),
    {**_HEAD, "choices": [], "usage": _USAGE},
]
MESSAGES_STREAM = [
    {
        "type": "message_start",
        "message": {**_MESSAGE, "content": [], "stop_reason": None, "usage": {"input_tokens": 5, "output_tokens": 1}},
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 7},
    },
    {"type": "message_stop"},
]
_PLACE = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
_STARTED = {**RESPONSES_ANSWER, "status": "in_progress", "output": [], "usage": None}
RESPONSES_STREAM = [
    {"sequence_number": number, **event}
    for number, event in enumerate(
        [
            {"type": "response.created", "response": _STARTED},
            {"type": "response.output_item.added", "output_index": 0, "item": {**_ITEM, "content": []}},
            {"type": "response.content_part.added", **_PLACE, "part": {**_SAID, "text": ""}},
            {"type": "response.output_text.delta", **_PLACE, "delta": "Hello", "logprobs": []},
            {"type": "response.output_text.done", **_PLACE, "text": "Hello", "logprobs": []},
            {"type": "response.content_part.done", **_PLACE, "part": _SAID},
            {"type": "response.output_item.done", "output_index": 0, "item": {**_ITEM, "content": [_SAID]}},
            {"type": "response.completed", "response": RESPONSES_ANSWER},
        ]
    )
]


def loaded():
    """Return the cases: (group, label, operation, from, to, body, predicate, request)."""
    made = {
        "adapters": {"CH": CH, "MS": MS, "RS": RS, "_MIN": MINIMAL, "LIBS": []},
        "smoke": {
            "ch": chunk,
            "chat_resp": CHAT_ANSWER,
            "msg_resp": MESSAGES_ANSWER,
            "rsp_resp": RESPONSES_ANSWER,
            "chat_s": CHAT_STREAM,
            "msg_s": MESSAGES_STREAM,
            "rsp_s": RESPONSES_STREAM,
            "RESP": {},
            "STR": {},
            "PAIRS": PAIRS,
        },
        "oracle": {},
    }
    for name, values in made.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(values, __all__=list(values))
    space = {"__name__": "dialect_cases"}
    try:
        exec(compile((SHARED / "dialect_cases.py").read_text(encoding="utf-8"), "dialect_cases.py", "exec"), space)
    finally:
        for name in made:
            del sys.modules[name]
    return space["CASES"]


def target(model="claude-sonnet-4-5", vendor="api.example.com"):
    """A target as far as translation looks at it."""
    return SimpleNamespace(model=model, vendor=vendor, max_output_tokens=MOST)


def request(a, b, body):
    """Return a request in another dialect, and what was lost as text."""
    made = translated(body, a, b, target())
    return {"model": "m", **made.tree}, [f"{loss.path}: {loss.why}" for loss in made.losses]


def caller(dialect, *, usage_asked=True, about=9, asked=None, tools=None):
    """A caller who speaks a dialect."""
    return Caller(dialect, asked or MINIMAL[dialect], NOW, tools or {}, usage_asked=usage_asked, about=about)


def whole(a, b, body):
    error = READ_BY[a].answer(body).error
    if error is not None:
        return READ_BY[b].error_body("api_error", "upstream_error", error, {}), []
    tree, losses = answer(body, a, caller(b))
    return tree, [f"{loss.path}: {loss.why}" for loss in losses]


def framed(dialect, event):
    """One event as bytes."""
    if dialect == CH:
        return b"data: " + orjson.dumps(event) + b"\n\n"
    return b"event: " + str(event.get("type")).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n"


def parsed(raw):
    """Return the object of an event of ours; None for the mark of the end."""
    data = next(line[6:] for line in raw.splitlines() if line.startswith(b"data: "))
    return None if data == b"[DONE]" else orjson.loads(data)


def streamed(a, b, events, *, usage_asked=True, about=9):
    """Return the events of a stream in another dialect. Errors, and a missing end, are the relay's to tell."""
    translation = StreamTranslation(a, caller(b, usage_asked=usage_asked, about=about))
    out, finished = [], False
    for event in events:
        failed = event.get("error") or (event.get("response") or {}).get("error")
        if failed or event.get("type") == "error":
            return [*map(parsed, out), *ended_by(b, failed)]
        out += translation.feed(framed(a, event))
        finished |= any(choice.get("finish_reason") for choice in event.get("choices", ()))
        finished |= bool((event.get("delta") or {}).get("stop_reason")) if a == MS else False
        finished |= event.get("type") in {"response.completed", "response.incomplete"}
    if not finished:
        return [*map(parsed, out), *ended_by(b, {"message": "the upstream ended without a finish"})]
    if a == CH:
        out += translation.feed(b"data: [DONE]\n\n")
    return [one for one in map(parsed, out) if one is not None]


def ended_by(dialect, error):
    """The events by which the relay ends a stream that broke."""
    if dialect != RS:
        return [{"type": "error", "error": error}]
    raw = READ_BY[RS].error_event("server_error", "upstream_error", str(error), {})
    return [parsed(event) for event in raw.split(b"\n\n") if event]


class Ours:
    """Our translation with the calls that the cases make."""

    name = "ours"

    @staticmethod
    def req(a, b, body):
        return request(a, b, body)

    @staticmethod
    def resp(a, b, body, req=None):
        return whole(a, b, body)

    @staticmethod
    def stream(a, b, body, req=None):
        return streamed(a, b, body), []


def judged(case):
    """Return what is wrong with how a case comes out; empty if nothing is, ``refused: …`` if it is refused."""
    _, _, op, a, b, body, holds, req = case
    with contextlib.suppress(NotImplementedError):
        try:
            if op == "fn":
                return holds(Ours) or ""
            made, lost = getattr(Ours, op)(a, b, body) if op == "req" else getattr(Ours, op)(a, b, body, req)
            return holds(made, lost) or ""
        except Unsupported as error:
            return f"refused: {error}"
    return "not built"
