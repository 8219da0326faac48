"""OpenAI's Responses, as OpenAI and SGLang speak it.

Source: OpenAI API reference, "Create a model response" and "Streaming events"; openai-python 2; recorded streams.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from gateway.domain.errors import InvalidRequest
from gateway.domain.target import Dialect as DialectName
from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.beyond import files, openai_beyond
from gateway.wire.body import Tree, read_answer, serialise
from gateway.wire.dialect import Answer, Event, EventKind, RequestShape
from gateway.wire.openai_chat import OpenAIChat, error_message
from gateway.wire.sse import data_of
from gateway.wire.usage import responses_usage, service_tier

_LIFECYCLE: Final = frozenset(
    {
        *("response.created", "response.in_progress", "response.queued"),
        *("response.output_item.added", "response.content_part.added", "response.reasoning_summary_part.added"),
    }
)
_TERMINAL: Final = frozenset({"response.completed", "response.incomplete"})
_ERRORS: Final = frozenset({"response.failed", "error"})
_DELTAS: Final = (b"event: response.output_text.delta\n", b"event: response.function_call_arguments.delta\n")
"""How an event begins that is surely content."""
_FAILED: Final = "failed"


class OpenAIResponses:
    """``POST /v1/responses``."""

    name: DialectName = "openai.responses"
    path = "/v1/responses"

    def shape(self, tree: Tree) -> RequestShape:
        """Return what the gateway acts on.

        Raises:
            InvalidRequest: a field it acts on has the wrong type, it asks for an answer that is fetched later, or it
                lets the vendor call other servers.
        """
        given = tree.get("input")
        if given is not None and not isinstance(given, str | list):
            raise InvalidRequest("'input' must be a string or a list of items")
        if fields.flag(tree, "background"):
            raise InvalidRequest("'background' is not offered: answers are not kept to be fetched later; leave it out")
        _refuse_servers(tree)
        items = fields.objects(given)
        kinds = set(_kinds(items))
        images, fetches = openai_beyond(tree, _turns(items))
        return RequestShape(
            model=fields.model(tree),
            stream=fields.flag(tree, "stream"),
            max_tokens=fields.count(tree, "max_output_tokens"),
            choices=1,
            has_tools=bool(tree.get("tools")),
            has_images="input_image" in kinds,
            needs=tuple(sorted({*_needs(tree, kinds), *files(_turns(items))})),
            user=fields.text(tree, "user"),
            session=_session(tree),
            opening=_opening(tree, given, items),
            usage_asked=True,
            service_tier=service_tier(tree.get("service_tier")),
            images=images,
            fetches=fetches,
        )

    def prepare(self, tree: Tree, model: str) -> Tree:
        """Return a shallow copy that names the served model; Responses always reports usage."""
        return {**tree, "model": model}

    def reader(self, *, usage_asked: bool) -> "OpenAIResponsesReader":  # noqa: ARG002 -- this dialect always sends it
        """Return a fresh reader for one stream."""
        return OpenAIResponsesReader()

    def answer(self, tree: Any) -> Answer:
        """Judge a complete answer."""
        if not isinstance(tree, dict) or tree.get("status") == _FAILED or not isinstance(tree.get("output"), list):
            return Answer(None, "", 0, error_message(tree) or "not a response")
        usage = responses_usage(tree.get("usage"), tree.get("service_tier"))
        size = len(serialise(tree["output"])) if usage is None else 0
        return Answer(usage, finish_of(tree), size, None)

    def error_body(self, error_type: str, code: str, message: str, details: Tree) -> Tree:
        """Return OpenAI's nested error envelope; ``details`` are beside the message."""
        return OpenAIChat().error_body(error_type, code, message, details)

    def error_event(self, error_type: str, code: str, message: str, details: Tree) -> bytes:
        """Return a ``response.failed`` event, by which agents know what went wrong, and one that the SDKs raise."""
        name = f"resp_{details.get('decision_id', '')}"
        head = {"id": name, "object": "response", "status": _FAILED, "output": [], "created_at": 0, "model": ""}
        head |= {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
        failed = {**head, "error": {"code": "server_error", "message": message}}
        inner = self.error_body(error_type, code, message, details)["error"]
        error = {"type": "error", "sequence_number": 0, "code": code, "message": message, "param": None, "error": inner}
        return _event("response.failed", sequence_number=0, response=failed) + _event("error", **error)


class OpenAIResponsesReader:
    """Reads one stream; deltas of content are counted without being decoded."""

    __slots__ = ("content_events", "finish", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish = ""
        self.content_events = 0

    def content(self, event: bytes) -> bytes | None:
        """Count an event that is plainly content and return it, else None."""
        if not event.startswith(_DELTAS):
            return None
        self.content_events += 1
        return event

    def read(self, event: bytes) -> Event:
        """Judge one complete event."""
        if self.content(event) is not None:
            return Event(EventKind.CONTENT, event)
        data = data_of(event)
        if not data or data.strip() == b"[DONE]":
            return Event(EventKind.LIFECYCLE, event)
        try:
            decoded = read_answer(data)
        except ValueError:
            return Event(EventKind.ERROR, event, "the upstream sent an event that is not JSON")
        if not isinstance(decoded, dict) or not isinstance(decoded.get("type"), str):
            return Event(
                EventKind.ERROR, event, error_message(decoded) or "the upstream sent an event of unknown shape"
            )
        return self._judged(decoded, event)

    def _judged(self, decoded: Tree, event: bytes) -> Event:
        kind, response = decoded["type"], decoded.get("response")
        said = response if isinstance(response, dict) else {}
        if kind in _ERRORS:
            message = error_message(said) or error_message(decoded)
            return Event(EventKind.ERROR, event, message or "the upstream reported an error")
        if kind in _TERMINAL:
            self.usage = responses_usage(said.get("usage"), said.get("service_tier"))
            self.finish = finish_of(said) or kind.removeprefix("response.")
            return Event(EventKind.TERMINAL, event)
        if kind in _LIFECYCLE or not kind.startswith("response."):
            return Event(EventKind.LIFECYCLE, event)
        self.content_events += kind.endswith(".delta")
        return Event(EventKind.CONTENT, event)


def _refuse_servers(tree: Tree) -> None:
    """Refuse tools that make the vendor hand the conversation on to a server that policy knows nothing of.

    Raises:
        InvalidRequest: there is such a tool.
    """
    for number, tool in enumerate(fields.objects(tree.get("tools"))):
        if tool.get("type") == "mcp":
            why = "the vendor would hand the conversation to another server; run its tools yourself, as functions"
            raise InvalidRequest(f"tools[{number}]: tools of type mcp are not offered: {why}")


def finish_of(response: Tree) -> str:
    """Return how a response ended: its status, or why it is incomplete."""
    why = response.get("incomplete_details")
    reason = why.get("reason") if isinstance(why, dict) else None
    return str(reason or response.get("status") or "")


def _event(kind: str, **parts: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps({"type": kind, **parts}) + b"\n\n"


def _turns(items: list[Tree]) -> list[Tree]:
    """Return what may hold pictures and files: messages, and the results of tools as if they were."""
    return [{"content": item["output"]} if isinstance(item.get("output"), list) else item for item in items]


def _kinds(items: list[Tree]) -> Iterator[str]:
    """Yield the types of all parts of the messages and results."""
    for turn in _turns(items):
        yield from (kind for part in fields.objects(turn.get("content")) if isinstance(kind := part.get("type"), str))


def _needs(tree: Tree, kinds: set[str]) -> Iterator[str]:
    """Yield the capabilities that the request cannot do without, but for files."""
    text = tree.get("text")
    wanted = text.get("format") if isinstance(text, dict) else None
    if isinstance(wanted, dict) and wanted.get("type") == "json_schema":
        yield "json_schema"
    if "input_audio" in kinds:
        yield "audio"
    if tree.get("tools"):
        yield "tools"
    if "input_image" in kinds:
        yield "vision"


def _session(tree: Tree) -> str:
    """Return the conversation that is kept at the server, if the request goes on with one."""
    conversation = tree.get("conversation")
    if isinstance(conversation, dict):
        conversation = conversation.get("id")
    for name in (tree.get("previous_response_id"), conversation):
        if isinstance(name, str) and name:
            return name
    return ""


def _opening(tree: Tree, given: Any, items: list[Tree]) -> str:
    """Return the instructions and everything up to the first turn of the user, that turn included."""
    opening = [f"system\x1f{fields.plain_text(tree.get('instructions'))}"]
    if isinstance(given, str):
        opening.append(f"user\x1f{given}")
    for item in items:
        opening.append(f"{item.get('role')}\x1f{fields.plain_text(item.get('content'))}")
        if item.get("role") == "user":
            break
    return "\x1e".join(opening)
