"""Streams of Anthropic's Messages: read into events between dialects, and written from them.

There, one block is open at a time. Of parts that are open side by side the first is written as it comes, and the others
wait until it is whole.
"""

from typing import Any, Final

import orjson

from gateway.domain.usage import Usage
from gateway.wire.body import Tree, read_answer, serialise
from gateway.wire.fields import event_data
from gateway.wire.slots import number
from gateway.wire.translate.answers import finish_for_messages, messages_finish, usage_for_messages
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Event, Kind, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Sealed, Thought
from gateway.wire.translate.seals import for_messages
from gateway.wire.usage import anthropic_usage

_KINDS: Final[dict[str, Kind]] = {
    "text": "text",
    "thinking": "thinking",
    "redacted_thinking": "sealed",
    "tool_use": "call",
}
_TEXT: Final = b'{"type":"text_delta","text":'
_DELTAS: Final = {
    "call": b'{"type":"input_json_delta","partial_json":',
    "thinking": b'{"type":"thinking_delta","thinking":',
}
_PIECES: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}

_UNSAID: Final = {"text_delta": "text", "thinking_delta": "thinking"}


class MessagesEvents:
    """Reads one stream."""

    def __init__(self) -> None:
        self._began = False
        self._usage: Usage | None = None
        self._open: set[int] = set()
        self._started: set[int] = set()

    def feed(self, data: bytes) -> list[Event]:
        """Return the events of one event's data.

        Raises:
            ValueError: it is not JSON, or does not follow on what came.
        """
        tree = read_answer(data)
        if not isinstance(tree, dict):
            return []
        found = self._read(tree)
        if self._began or not found:
            return found
        self._began = True  # a server without a first event
        return [Began("", ""), *found]

    def _read(self, tree: Tree) -> list[Event]:
        index = number(tree.get("index"))
        match tree.get("type"):
            case "message_start":
                return self._start(tree.get("message"))
            case "content_block_start":
                return self._block(index, tree.get("content_block"))
            case "content_block_delta" if index in self._open or index not in self._started:
                return self._delta(index, tree.get("delta"))
            case "content_block_stop" if index in self._open:
                self._open.discard(index)
                return [Closed(index)]
            case "message_delta":
                return self._end(tree)
            case "message_stop":
                return [Over()]
            case _:
                return []

    def _start(self, message: Any) -> list[Event]:
        if self._began:
            msg = "a second answer begins in the middle of the first"
            raise ValueError(msg)
        self._began = True
        head = message if isinstance(message, dict) else {}
        began = Began(str(head.get("id") or ""), str(head.get("model") or ""))
        return [began, *self._count(head.get("usage"))]

    def _count(self, reported: Any) -> list[Event]:
        usage = self._usage = anthropic_usage(reported, before=self._usage)
        return [] if usage is None or not isinstance(reported, dict) else [Counted(usage)]

    def _block(self, index: int, block: Any) -> list[Event]:
        self._started.add(index)
        kind = _KINDS.get(str(block.get("type"))) if isinstance(block, dict) else None
        if kind is None:  # of the vendor's own tools, which nobody asked for
            return []
        self._open.add(index)
        name, data = str(block.get("name") or ""), str(block.get("data") or "")
        opened = Opened(index, kind, str(block.get("id") or ""), name, data)
        first = serialise(block["input"]).decode() if kind == "call" and block.get("input") else ""
        first = first or str(block.get("text" if kind == "text" else "thinking") or "")
        return [opened, Piece(index, first)] if first else [opened]

    def _delta(self, index: int, delta: Any) -> list[Event]:
        if not isinstance(delta, dict):
            return []
        if index not in self._open:  # a server that does not say that a block begins
            kind = _UNSAID.get(str(delta.get("type")))
            return [] if kind is None else [*self._block(index, {"type": kind}), *self._delta(index, delta)]
        if delta.get("type") == "signature_delta":
            return [Signed(index, str(delta.get("signature") or ""))]
        text = delta.get(_PIECES.get(str(delta.get("type")), ""))
        return [Piece(index, text)] if isinstance(text, str) and text else []

    def _end(self, tree: Tree) -> list[Event]:
        found = self._count(tree.get("usage"))
        delta = tree.get("delta")
        if isinstance(delta, dict) and (reason := delta.get("stop_reason")):
            sequence = delta.get("stop_sequence")
            found += [Closed(index) for index in sorted(self._open)]
            self._open.clear()
            found.append(Ended(messages_finish(reason), sequence if isinstance(sequence, str) else None))
        return found


class MessagesWriter:
    """Writes one stream; each piece is one event of it."""

    def __init__(self, *, about: int) -> None:
        """Take about how many tokens the request has: it is told before the target says so."""
        self._about = about
        self._usage: Usage | None = None
        self._ended: Ended | None = None
        self._index = -1
        self._before = b""
        """What each piece of the open block begins with."""
        self._current: Opened | None = None
        self._waiting: dict[int, list[Event]] = {}
        """Key of a part that waits for its turn -> what came of it."""
        self._flushing = False
        """What has waited is being written: thousands of parts, so not each inside of the one before."""

    def write(self, event: Event) -> list[bytes]:
        """Return what an event becomes."""
        match event:
            case Piece(key, text) if self._current is not None and key == self._current.key:  # first: nearly all are
                return [self._before + orjson.dumps(text) + b"}}\n\n"]
            case Began(name, model):
                return [_event("message_start", message=self._message(name, model))]
            case Opened(key) if self._current is not None:
                self._waiting[key] = [event]
            case Opened():
                return self._open(event)
            case Signed(key) | Closed(key) if self._current is not None and key == self._current.key:
                return self._more(event)
            case Piece(key) | Signed(key) | Closed(key):
                self._waiting.get(key, []).append(event)
            case Counted(usage):
                self._usage = usage
            case Ended():
                self._ended = event
            case Over():
                return self._over()
        return []

    def _message(self, name: str, model: str) -> Tree:
        usage = usage_for_messages(self._usage or Usage(input_tokens=self._about))
        head = {"id": name, "type": "message", "role": "assistant", "model": model, "content": []}
        return {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}

    def _open(self, part: Opened) -> list[bytes]:
        self._current = part
        self._index += 1
        head = b'{"type":"content_block_delta","index":%d,"delta":' % self._index
        self._before = b"event: content_block_delta\ndata: " + head + _DELTAS.get(part.kind, _TEXT)
        block: Tree
        match part.kind:
            case "call":
                block = {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}
            case "thinking":
                block = {"type": "thinking", "thinking": "", "signature": ""}
            case "sealed":
                seal = for_messages(Sealed(part.data, part.origin, part.id))
                block = {"type": "redacted_thinking", "data": seal}
            case _:
                block = {"type": "text", "text": ""}
        return [_event("content_block_start", index=self._index, content_block=block)]

    def _more(self, event: Signed | Closed) -> list[bytes]:
        match event:
            case Signed(_, signature, origin, name):
                seal = for_messages(Thought("", signature, origin, name))
                return [self._block_delta({"type": "signature_delta", "signature": seal})]
            case Closed():
                self._current = None
                stop = _event("content_block_stop", index=self._index)
                return [stop] if self._flushing else [stop, *self._next()]

    def _next(self) -> list[bytes]:
        """Write what has waited, up to the first part that is not whole."""
        out: list[bytes] = []
        self._flushing = True
        while self._current is None and self._waiting:
            key = next(iter(self._waiting))
            for event in self._waiting.pop(key):
                out += self.write(event)
        self._flushing = False
        return out

    def _block_delta(self, delta: Tree) -> bytes:
        return _event("content_block_delta", index=self._index, delta=delta)

    def _over(self) -> list[bytes]:
        ended = self._ended
        reason = None if ended is None else finish_for_messages(ended.finish)
        delta = {"stop_reason": reason, "stop_sequence": None if ended is None else ended.sequence}
        usage = usage_for_messages(self._usage or Usage(input_tokens=self._about))
        return [_event("message_delta", delta=delta, usage=usage), _event("message_stop")]


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\n" + event_data({"type": kind, **fields})
