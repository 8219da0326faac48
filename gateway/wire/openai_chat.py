"""OpenAI's chat completions, as OpenAI, SGLang, vLLM and their likes speak it.

Source: OpenAI API reference, "Chat completions"; SGLang 0.5.23 as recorded.
"""

import re
from typing import Any, Final

import orjson

from gateway.domain.errors import InvalidRequest
from gateway.domain.target import Dialect as DialectName
from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.beyond import files, openai_beyond
from gateway.wire.body import Tree, read_answer, serialise
from gateway.wire.dialect import Answer, Event, EventKind, RequestShape
from gateway.wire.sse import data_of
from gateway.wire.usage import openai_usage, service_tier

_NULL_USAGE: Final = re.compile(rb',\s*"usage"\s*:\s*null(?=\s*[,}])')
_LAST_USAGE: Final = re.compile(rb',\s?"usage":\s?null(?=(?:,\s?"\w+":\s?(?:"[^"\\]*"|null|\d+))*\}\n\n\Z)')
"""A usage that says nothing, of the chunk itself: only plain values and the end of the chunk follow."""
_PLAIN_TIER: Final = re.compile(rb'"service_tier":\s?(?:null|"default")')
_SESSION_FIELDS: Final = ("previous_response_id", "conversation")
"""Not ``prompt_cache_key``: it names a cache, which all chats of an application may share."""


class OpenAIChat:
    """``POST /v1/chat/completions``."""

    name: DialectName = "openai.chat"
    path = "/v1/chat/completions"

    def shape(self, tree: Tree) -> RequestShape:
        """Return what the gateway acts on.

        Raises:
            InvalidRequest: a field it acts on has the wrong type.
        """
        messages = tree.get("messages")
        if not isinstance(messages, list):
            raise InvalidRequest("'messages' must be a list")
        turns = fields.objects(messages)
        kinds = _kinds(turns)
        has_images = "image_url" in kinds
        images, fetches = openai_beyond(tree, turns)
        options = tree.get("stream_options")
        return RequestShape(
            model=fields.model(tree),
            stream=fields.flag(tree, "stream"),
            max_tokens=fields.count(tree, "max_completion_tokens") or fields.count(tree, "max_tokens"),
            choices=max(1, fields.count(tree, "n", default=1, most=fields.MOST_CHOICES)),
            has_tools=bool(tree.get("tools") or tree.get("functions")),
            has_images=has_images,
            needs=tuple(sorted([*_needs(tree, kinds), *files(turns)])),
            user=fields.text(tree, "user"),
            session=next((value for name in _SESSION_FIELDS if isinstance(value := tree.get(name), str) and value), ""),
            opening=_opening(turns),
            usage_asked=isinstance(options, dict) and options.get("include_usage") is True,
            service_tier=service_tier(tree.get("service_tier")),
            images=images,
            fetches=fetches,
        )

    def prepare(self, tree: Tree, model: str) -> Tree:
        """Return a shallow copy that names the served model; for a stream it requests usage."""
        prepared = {**tree, "model": model}
        if tree.get("stream") is True:
            options = tree.get("stream_options")
            prepared["stream_options"] = {**(options if isinstance(options, dict) else {}), "include_usage": True}
        return prepared

    def reader(self, *, usage_asked: bool) -> "OpenAIChatReader":
        """Return a fresh reader for one stream."""
        return OpenAIChatReader(usage_asked=usage_asked)

    def answer(self, tree: Any) -> Answer:
        """Judge a complete answer."""
        if not isinstance(tree, dict) or not isinstance(choices := tree.get("choices"), list):
            return Answer(None, "", 0, error_message(tree) or "not a chat completion")
        finish = next((str(choice.get("finish_reason") or "") for choice in fields.objects(choices)), "")
        usage, size = openai_usage(tree.get("usage"), tree.get("service_tier")), 0
        if usage is None:
            size = sum(len(serialise(choice.get("message"))) for choice in fields.objects(choices))
        return Answer(usage, finish, size, None)

    def error_body(self, error_type: str, code: str, message: str, details: Tree) -> Tree:
        """Return OpenAI's nested error envelope; ``details`` are beside the message."""
        return {"error": {"message": message, "type": error_type, "param": None, "code": code, **details}}

    def error_event(self, error_type: str, code: str, message: str, details: Tree) -> bytes:
        """Return a data event with the envelope, which the official SDKs raise as an error."""
        return b"data: " + orjson.dumps(self.error_body(error_type, code, message, details)) + b"\n\n"


class OpenAIChatReader:
    """Reads one stream. Until the first content each event is decoded, afterwards only those that may matter."""

    __slots__ = ("_reported", "_tier", "_usage_asked", "content_events", "finish", "usage")

    def __init__(self, *, usage_asked: bool) -> None:
        self._usage_asked = usage_asked
        self._reported: Any = None
        self._tier: Any = None
        self.usage: Usage | None = None
        self.finish = ""
        self.content_events = 0

    def read(self, event: bytes) -> Event:
        """Judge one complete event."""
        plain = self.content(event)
        return self._decode(event) if plain is None else Event(EventKind.CONTENT, plain)

    def content(self, event: bytes) -> bytes | None:
        """Count an event that is plainly content and return it without a usage that says nothing, else None."""
        if not self.content_events or not _is_plain(event):
            return None
        if (at := event.find(b'"usage"')) >= 0:
            silent = _LAST_USAGE.search(event, at - 2)
            if silent is None:
                return None
            if not self._usage_asked:
                event = event[: silent.start()] + event[silent.end() :]
        self.content_events += 1
        return event

    def _decode(self, event: bytes) -> Event:
        data = data_of(event)
        if not data:
            return Event(EventKind.LIFECYCLE, event)
        if data.strip() == b"[DONE]":
            return Event(EventKind.TERMINAL, event)
        try:
            chunk = read_answer(data)
        except ValueError:
            return Event(EventKind.ERROR, event, "the upstream sent an event that is not JSON")
        if not isinstance(chunk, dict) or chunk.get("error") is not None or chunk.get("object") == "error":
            return Event(EventKind.ERROR, event, error_message(chunk) or "the upstream sent an event of unknown shape")
        self._tier = chunk.get("service_tier") or self._tier
        if isinstance(chunk.get("usage"), dict):
            self._reported = chunk["usage"]
        self.usage = openai_usage(self._reported, self._tier)
        choices = fields.objects(chunk.get("choices"))
        raw = event if self._usage_asked or "usage" not in chunk else _without_usage(event, chunk, choices)
        if not raw:
            return Event(EventKind.USAGE_ONLY, raw)
        finish = next((choice["finish_reason"] for choice in choices if choice.get("finish_reason")), None)
        if finish is not None:
            self.finish = str(finish)
        if any(_has_content(choice.get("delta")) for choice in choices):
            self.content_events += 1
            return Event(EventKind.CONTENT, raw)
        return Event(EventKind.FINISH if finish is not None else EventKind.LIFECYCLE, raw)


def _is_plain(event: bytes) -> bool:
    """Return whether an event's bytes alone say that it is content in the middle of a stream, and no more than that."""
    if not event.startswith(b'data: {"') or b'"error"' in event or event.count(b'"finish_reason"') != 1:
        return False
    if b'"finish_reason":null' not in event and b'"finish_reason": null' not in event:
        return False
    if b'"service_tier"' in event and not _PLAIN_TIER.search(event):
        return False
    # Most servers begin with the id and send no usage with content; of others it is not known what an event is for.
    usual = event.startswith(b'data: {"id"') and b'"usage"' not in event
    return usual or (b'"content":"' in event and b'"content":""' not in event)


def _without_usage(event: bytes, chunk: Tree, choices: list[Tree]) -> bytes:
    """Return an event without the usage that only the gateway requested; empty if nothing else was in it.

    A ``"usage":null`` is cut out of the bytes. Bridged streams put usage into a chunk with an empty choice, and that
    chunk exists only for it; one that also carries content is rewritten, the one place where bytes change (and so
    is one where the cut is not plain to see, e.g. if the answer's text is the word "usage").
    """
    if chunk["usage"] is None:
        if event.count(b'"usage"') == 1 and (cut := _NULL_USAGE.sub(b"", event)) != event:
            return cut
    elif not any(_has_content(choice.get("delta")) or choice.get("finish_reason") for choice in choices):
        return b""
    return b"data: " + orjson.dumps({name: value for name, value in chunk.items() if name != "usage"}) + b"\n\n"


def error_message(tree: Any) -> str:
    """Return the message of an error body, nested as OpenAI's or flat as SGLang's; empty if there is none."""
    if not isinstance(tree, dict):
        return ""
    inner = tree.get("error")
    holder = inner if isinstance(inner, dict) else tree
    message = holder.get("message")
    if isinstance(message, str):
        return message
    return inner if isinstance(inner, str) else ""


def _has_content(delta: Any) -> bool:
    """Return whether a delta carries anything but its role."""
    return isinstance(delta, dict) and any(value for name, value in delta.items() if name != "role")


def _kinds(turns: list[Tree]) -> set[str]:
    """Return the types of all parts of the messages."""
    kinds: set[str] = set()
    for turn in turns:
        if isinstance(content := turn.get("content"), list):
            kinds.update(kind for part in fields.objects(content) if isinstance(kind := part.get("type"), str))
    return kinds


def _needs(tree: Tree, kinds: set[str]) -> list[str]:
    """Return the capabilities that the request cannot do without, but for files."""
    needed = []
    if "input_audio" in kinds:
        needed.append("audio")
    response_format = tree.get("response_format")
    if isinstance(response_format, dict) and response_format.get("type") == "json_schema":
        needed.append("json_schema")
    if tree.get("logprobs") is True:
        needed.append("logprobs")
    if tree.get("tools") or tree.get("functions"):
        needed.append("tools")
    if "image_url" in kinds:
        needed.append("vision")
    return needed


def _opening(turns: list[Tree]) -> str:
    """Return everything up to the first user turn, that turn included."""
    opening: list[str] = []
    for turn in turns:
        opening.append(f"{turn.get('role')}\x1f{fields.plain_text(turn.get('content'))}")
        if turn.get("role") == "user":
            break
    return "\x1e".join(opening)
