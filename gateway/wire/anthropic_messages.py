"""Anthropic's Messages, as Anthropic and SGLang speak it.

Source: Anthropic API reference, "Messages" and "Streaming messages"; SGLang 0.5.23 as recorded.
"""

from typing import Any, Final

import orjson

from gateway.domain.errors import InvalidRequest
from gateway.domain.target import Dialect as DialectName
from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.beyond import anthropic_beyond, files
from gateway.wire.body import Tree, read_answer, serialise
from gateway.wire.dialect import Answer, Event, EventKind, RequestShape
from gateway.wire.sse import data_of
from gateway.wire.usage import anthropic_usage, service_tier

_KINDS: Final[dict[str, EventKind]] = {
    "message_start": EventKind.LIFECYCLE,
    "content_block_start": EventKind.LIFECYCLE,
    "content_block_stop": EventKind.CONTENT,
    "content_block_delta": EventKind.CONTENT,
    "message_delta": EventKind.FINISH,
    "message_stop": EventKind.TERMINAL,
    "error": EventKind.ERROR,
    "ping": EventKind.LIFECYCLE,
}


class AnthropicMessages:
    """``POST /v1/messages``."""

    name: DialectName = "anthropic.messages"
    path = "/v1/messages"

    def shape(self, tree: Tree) -> RequestShape:
        """Return what the gateway acts on.

        Raises:
            InvalidRequest: a field it acts on has the wrong type.
        """
        messages = tree.get("messages")
        if not isinstance(messages, list):
            raise InvalidRequest("'messages' must be a list")
        turns = fields.objects(messages)
        metadata = tree.get("metadata")
        user = metadata.get("user_id") if isinstance(metadata, dict) else None
        has_images = any(_holds(turn.get("content"), "image") for turn in turns)
        images, fetches = anthropic_beyond(tree, turns)
        needs = {"tools": bool(tree.get("tools")), "vision": has_images}
        return RequestShape(
            model=fields.model(tree),
            stream=fields.flag(tree, "stream"),
            max_tokens=fields.count(tree, "max_tokens"),
            choices=1,
            has_tools=bool(tree.get("tools")),
            has_images=has_images,
            needs=tuple(sorted([*(name for name, needed in needs.items() if needed), *files(turns)])),
            user=user if isinstance(user, str) else "",
            session="",
            opening=_opening(tree, turns),
            usage_asked=True,
            service_tier=service_tier(tree.get("service_tier")),
            images=images,
            fetches=fetches,
        )

    def prepare(self, tree: Tree, model: str) -> Tree:
        """Return a shallow copy that names the served model; Messages always reports usage."""
        return {**tree, "model": model}

    def reader(self, *, usage_asked: bool) -> "AnthropicReader":  # noqa: ARG002 -- this dialect always sends it
        """Return a fresh reader for one stream."""
        return AnthropicReader()

    def answer(self, tree: Any) -> Answer:
        """Judge a complete answer."""
        if not isinstance(tree, dict) or not isinstance(content := tree.get("content"), list):
            return Answer(None, "", 0, error_message(tree) or "not a message")
        usage = anthropic_usage(tree.get("usage"))
        size = len(serialise(content)) if usage is None else 0
        return Answer(usage, str(tree.get("stop_reason") or ""), size, None)

    def error_body(self, error_type: str, code: str, message: str, details: Tree) -> Tree:
        """Return Anthropic's error envelope; the stable code is beside the message."""
        return {"type": "error", "error": {"type": error_type, "message": message, "code": code, **details}}

    def error_event(self, error_type: str, code: str, message: str, details: Tree) -> bytes:
        """Return an ``error`` event, which the official SDKs raise as an error."""
        return b"event: error\ndata: " + orjson.dumps(self.error_body(error_type, code, message, details)) + b"\n\n"


class AnthropicReader:
    """Reads one stream; deltas of content are counted without being decoded."""

    __slots__ = ("content_events", "finish", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish = ""
        self.content_events = 0

    def content(self, event: bytes) -> bytes | None:
        """Count an event that is plainly content and return it, else None."""
        if not event.startswith(b"event: content_block_delta"):
            return None
        self.content_events += 1
        return event

    def read(self, event: bytes) -> Event:
        """Judge one complete event."""
        if self.content(event) is not None:
            return Event(EventKind.CONTENT, event)
        data = data_of(event)
        if not data:
            return Event(EventKind.LIFECYCLE, event)
        try:
            decoded = read_answer(data)
        except ValueError:
            return Event(EventKind.ERROR, event, "the upstream sent an event that is not JSON")
        if not isinstance(decoded, dict):
            return Event(EventKind.ERROR, event, "the upstream sent an event of unknown shape")
        kind = _KINDS.get(str(decoded.get("type")), EventKind.LIFECYCLE)
        if kind is EventKind.ERROR:
            return Event(kind, event, error_message(decoded) or "the upstream reported an error")
        if kind is EventKind.CONTENT:
            self.content_events += 1
        self._note(decoded)
        return Event(kind, event)

    def _note(self, decoded: Tree) -> None:
        message = decoded.get("message")
        reported = decoded.get("usage") or (message.get("usage") if isinstance(message, dict) else None)
        if isinstance(reported, dict):
            self.usage = anthropic_usage(reported, before=self.usage)
        delta = decoded.get("delta")
        if isinstance(delta, dict) and delta.get("stop_reason"):
            self.finish = str(delta["stop_reason"])


def error_message(tree: Any) -> str:
    """Return the message of an Anthropic error body; empty if there is none."""
    error = tree.get("error") if isinstance(tree, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


def _holds(content: Any, part_type: str) -> bool:
    return any(
        part.get("type") == part_type or _holds(part.get("content"), part_type) for part in fields.objects(content)
    )


def _opening(tree: Tree, turns: list[Tree]) -> str:
    """Return the system prompt and the first turn."""
    first = fields.plain_text(turns[0].get("content")) if turns else ""
    return f"system\x1f{fields.plain_text(tree.get('system'))}\x1euser\x1f{first}"
