"""Streams of OpenAI's chat: read into events between dialects, and written from them.

Engines differ: two calls come in one chunk, a call's name comes late or twice, its index stays the same, usage comes
with every chunk, and the finish says ``stop`` where tools are called.
"""

from typing import Any, Final

import orjson

from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.body import Tree, read_answer
from gateway.wire.slots import number
from gateway.wire.translate.answers import chat_finish, finish_for_chat, usage_for_chat
from gateway.wire.translate.details import FIELD, detail
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Event, Kind, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Finish, Sealed, Thought
from gateway.wire.translate.responses_write import free_text
from gateway.wire.usage import openai_usage

_AFTER: Final = b',"finish_reason":null,"logprobs":null}]}\n\n'
DONE: Final = b"data: [DONE]\n\n"


class _Call:
    """A call that has begun."""

    __slots__ = ("id", "key", "name", "waiting")

    def __init__(self, key: int, call_id: str) -> None:
        self.key = key
        self.id = call_id
        self.name = ""
        self.waiting = ""
        """Arguments that came before the name."""


class ChatEvents:
    """Reads one stream."""

    def __init__(self) -> None:
        self._began = False
        self._key = 0
        self._prose: tuple[Kind, int] | None = None
        self._calls: dict[int, _Call] = {}
        """By index: the newest call there."""
        self._open: list[_Call] = []
        self._refused = False
        self._ended = False

    def feed(self, data: bytes) -> list[Event]:
        """Return the events of one event's data."""
        if data.strip() == b"[DONE]":
            return [Over()]
        chunk = read_answer(data)
        if not isinstance(chunk, dict):
            return []
        found: list[Event] = []
        if not self._began and (chunk.get("id") or chunk.get("choices")):  # Azure's first chunk is of its filters
            self._began = True
            found.append(Began(str(chunk.get("id") or ""), str(chunk.get("model") or "")))
        usage = openai_usage(chunk.get("usage"), chunk.get("service_tier"))
        if usage is not None:
            found.append(Counted(usage))
        for choice in fields.objects(chunk.get("choices")):
            if number(choice.get("index")) == 0 and not self._ended:
                self._choice(choice, found)
        return found

    def _choice(self, choice: Tree, found: list[Event]) -> None:
        delta = choice.get("delta")
        if isinstance(delta, dict):
            self._said("thinking", delta.get("reasoning_content") or delta.get("reasoning"), found)
            self._said("text", fields.plain_text(delta.get("content")), found)
            self._said("refusal", delta.get("refusal"), found)
            for call in fields.objects(delta.get("tool_calls")):
                self._called(call, found)
        if choice.get("finish_reason"):
            self._finish(choice, found)

    def _said(self, kind: Kind, text: Any, found: list[Event]) -> None:
        if not isinstance(text, str) or not text:
            return
        if self._prose is None or self._prose[0] != kind:
            self._close_prose(found)
            self._prose = (kind, self._next())
            found.append(Opened(self._prose[1], kind))
        self._refused |= kind == "refusal"
        found.append(Piece(self._prose[1], text))

    def _called(self, call: Tree, found: list[Event]) -> None:
        self._close_prose(found)
        index, call_id = number(call.get("index")), str(call.get("id") or "")
        known = self._calls.get(index)
        if known is None or (call_id and known.id and call_id != known.id):
            known = self._calls[index] = _Call(self._next(), call_id)
            self._open.append(known)
        known.id = known.id or call_id
        function = call.get("function")
        if not isinstance(function, dict):
            return
        piece = fields.arguments(function.get("arguments"))
        if not known.name and isinstance(function.get("name"), str) and function["name"]:
            known.name = function["name"]
            found.append(Opened(known.key, "call", known.id, known.name))
            piece, known.waiting = known.waiting + piece, ""
        if piece and known.name:
            found.append(Piece(known.key, piece))
        else:
            known.waiting += piece

    def _finish(self, choice: Tree, found: list[Event]) -> None:
        self._ended = True
        self._close_prose(found)
        for call in self._open:
            if not call.name:
                found.append(Opened(call.key, "call", call.id))
                found += [Piece(call.key, call.waiting)] if call.waiting else []
            found.append(Closed(call.key))
        sequence = choice.get("stop_reason")
        finish = chat_finish(choice["finish_reason"], sequence=sequence, calls=bool(self._open), refused=self._refused)
        found.append(Ended(finish, sequence if finish is Finish.SEQUENCE else None))

    def _close_prose(self, found: list[Event]) -> None:
        if self._prose is not None:
            found.append(Closed(self._prose[1]))
            self._prose = None

    def _next(self) -> int:
        self._key += 1
        return self._key - 1


class ChatWriter:
    """Writes one stream; each piece is one event of it."""

    def __init__(self, *, created: int, usage_asked: bool) -> None:
        self._head: Tree = {"id": "", "object": "chat.completion.chunk", "created": created, "model": ""}
        self._before = b""
        """What each chunk begins with: most are only a piece of text, and come by the thousand."""
        self._usage_asked = usage_asked
        self._usage: Usage | None = None
        self._ended: Ended | None = None
        """The last one: a vendor may stop, and then go on with another model."""
        self._kinds: dict[int, Kind] = {}
        self._calls: dict[int, int] = {}
        """Key of a call -> its index."""
        self._thoughts: dict[int, str] = {}
        self._details = 0
        self._free: dict[int, str] = {}
        """Key of a call that takes text -> what came of its object."""
        self._silent: set[int] = set()
        """Calls without any argument so far."""

    def write(self, event: Event) -> list[bytes]:
        """Return what an event becomes."""
        match event:
            case Piece(key, text):  # first: nearly all are
                return self._piece(key, text)
            case Began(name, model):
                self._head |= {"id": name, "model": model}
                self._before = b"data: " + orjson.dumps(self._head)[:-1] + b',"choices":[{"index":0,"delta":'
                return [self._chunk({"role": "assistant", "content": ""})]
            case Opened():
                return self._opened(event)
            case Closed(key):
                return self._closed(key)
            case Counted(usage):
                self._usage = usage
                return []
            case Ended():
                self._ended = event
                return []
            case Over():
                ended = Finish.STOP if self._ended is None else self._ended.finish
                finish = finish_for_chat(ended, refusal="refusal" in self._kinds.values())
                return [self._chunk({}, finish), *self._last_usage(), DONE]
            case Signed(key, signature, origin, name):
                return [self._detail(Thought(self._thoughts.pop(key, ""), signature, origin, name))]

    def _opened(self, part: Opened) -> list[bytes]:
        self._kinds[part.key] = part.kind
        if part.kind == "sealed":
            return [self._detail(Sealed(part.data, part.origin, part.id))]
        if part.kind != "call":
            return []
        index = self._calls[part.key] = len(self._calls)
        if part.free:
            self._free[part.key] = ""
            custom = {"name": part.name, "input": ""}
            return [self._chunk({"tool_calls": [{"index": index, "id": part.id, "type": "custom", "custom": custom}]})]
        self._silent.add(part.key)
        function = {"name": part.name, "arguments": ""}
        call = {"index": index, "id": part.id, "type": "function", "function": function}
        return [self._chunk({"tool_calls": [call]})]

    def _closed(self, key: int) -> list[bytes]:
        if key in self._free:  # its text can be taken from its object only when that is whole
            custom = {"input": free_text(self._free.pop(key))}
            return [self._chunk({"tool_calls": [{"index": self._calls[key], "custom": custom}]})]
        return self._piece(key, "{}") if key in self._silent else []

    def _piece(self, key: int, text: str) -> list[bytes]:
        match self._kinds.get(key):
            case "call" if key in self._free:
                self._free[key] += text
                return []
            case "call":
                self._silent.discard(key)
                call = {"index": self._calls[key], "function": {"arguments": text}}
                return [self._chunk({"tool_calls": [call]})]
            case "thinking":
                self._thoughts[key] = self._thoughts.get(key, "") + text
                return [self._chunk({"reasoning_content": text})]
            case "refusal":
                return [self._chunk({"refusal": text})]
            case _:
                return [self._chunk({"content": text})]

    def _detail(self, part: Thought | Sealed) -> bytes:
        self._details += 1
        return self._chunk({FIELD: [detail(part, self._details - 1)]})

    def _last_usage(self) -> list[bytes]:
        if not self._usage_asked:
            return []
        return [fields.event_data({**self._head, "choices": [], "usage": usage_for_chat(self._usage)})]

    def _chunk(self, delta: Tree, finish: str | None = None) -> bytes:
        if finish is None:
            return self._before + orjson.dumps(delta) + _AFTER
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return fields.event_data({**self._head, "choices": [choice]})
