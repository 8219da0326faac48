"""Streams of OpenAI's Responses, written from events between dialects: each part is an item that ends with its text.

Source: OpenAI API reference, "Streaming events"; recorded streams.
"""

from typing import Any, Final

import orjson

from gateway.domain.usage import Usage
from gateway.wire.body import Tree
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Event, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Call, Finish, Part, Refusal, Sealed, Text, Thought
from gateway.wire.translate.responses_answer import base_of, ended, item, response, usage_for_responses

_DELTAS: Final = {
    "text": "response.output_text.delta",
    "refusal": "response.refusal.delta",
    "thinking": "response.reasoning_summary_text.delta",
    "call": "response.function_call_arguments.delta",
}


class _Open:
    """An item that has begun."""

    __slots__ = ("after", "before", "index", "item", "opened", "pieces", "signed")

    def __init__(self, opened: Opened, index: int) -> None:
        self.opened = opened
        self.index = index
        self.item: Tree = {}
        self.pieces: list[str] = []
        self.signed: Signed | None = None
        self.before = b""
        """What each of its deltas begins with: up to the number of the event."""
        self.after = b""

    def part(self) -> Part:
        """Return what has come of it."""
        opened, text = self.opened, "".join(self.pieces)
        match opened.kind:
            case "call":
                return Call(opened.id, opened.name, text, free=opened.free, namespace=opened.namespace)
            case "thinking":
                signed = self.signed or Signed(opened.key, "")
                return Thought(text, signed.signature, signed.origin, signed.id)
            case "sealed":
                return Sealed(opened.data, opened.origin, opened.id)
            case "refusal":
                return Refusal(text)
            case _:
                return Text(text)


class ResponsesWriter:
    """Writes one stream; each piece is one event of it."""

    def __init__(self, asked: Tree, *, created: int) -> None:
        """Take the caller's request, of which a response repeats some fields, and the time, in UTC seconds."""
        self._asked = asked
        self._created = created
        self._base = "0"
        self._head: Tree = {}
        self._number = 0
        self._open: dict[int, _Open] = {}
        self._count = 0
        self._output: dict[int, Tree] = {}
        """Index -> item that is whole."""
        self._refused = False
        self._usage: Usage | None = None
        self._ended: Ended | None = None

    def write(self, event: Event) -> list[bytes]:
        """Return what an event becomes."""
        match event:
            case Piece(key, text):  # first: nearly all are
                return self._piece(key, text)
            case Began(name, model):
                self._base = base_of(name)
                self._head = response(self._base, model, self._asked, created=self._created)
                return [self._event(f"response.{kind}", response=self._head) for kind in ("created", "in_progress")]
            case Opened():
                return self._begin(event)
            case Signed(key):
                if key in self._open:
                    self._open[key].signed = event
            case Closed(key):
                return self._done(key)
            case Counted(usage):
                self._usage = usage
            case Ended():
                self._ended = event
            case Over():
                return self._over()
        return []

    def _event(self, kind: str, **fields: Any) -> bytes:
        tree = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(tree) + b"\n\n"

    def _begin(self, opened: Opened) -> list[bytes]:
        one = self._open[opened.key] = _Open(opened, self._count)
        self._count += 1
        self._refused = self._refused or opened.kind == "refusal"
        one.item = self._item(one, "in_progress")
        out = [self._event("response.output_item.added", output_index=one.index, item=_bare(one.item))]
        place: Tree = {"item_id": one.item["id"], "output_index": one.index}
        if opened.kind in ("text", "refusal"):
            place["content_index"] = 0
            out.append(self._event("response.content_part.added", **place, part=one.item["content"][0]))
        elif opened.kind == "thinking":
            place["summary_index"] = 0
            part = {"type": "summary_text", "text": ""}
            out.append(self._event("response.reasoning_summary_part.added", **place, part=part))
        kind = _DELTAS.get(opened.kind, "")
        one.before = b"event: %s\ndata: " % kind.encode() + orjson.dumps({"type": kind, **place})[:-1] + b',"delta":'
        one.after = b',"logprobs":[]' if opened.kind == "text" else b""
        return out

    def _item(self, one: _Open, status: str) -> Tree:
        made = item(one.part(), self._base, one.index, status)
        assert made is not None  # all kinds of parts of a stream are items
        return made

    def _piece(self, key: int, text: str) -> list[bytes]:
        one = self._open.get(key)
        if one is None:
            return []
        one.pieces.append(text)
        if one.opened.free:  # its text can be taken from its object only when that is whole
            return []
        number = self._number
        self._number += 1
        return [one.before + orjson.dumps(text) + one.after + b',"sequence_number":%d}\n\n' % number]

    def _done(self, key: int) -> list[bytes]:
        one = self._open.pop(key, None)
        if one is None:
            return []
        whole = self._output[one.index] = self._item(one, "completed")
        place: Tree = {"item_id": whole["id"], "output_index": one.index}
        out = self._ends(one, whole, place)
        return [*out, self._event("response.output_item.done", output_index=one.index, item=whole)]

    def _ends(self, one: _Open, whole: Tree, place: Tree) -> list[bytes]:
        """Return the events that say the whole text of an item."""
        text = "".join(one.pieces)
        match one.opened.kind:
            case "text" | "refusal" as kind:
                place["content_index"] = 0
                said = {"text": text, "logprobs": []} if kind == "text" else {"refusal": text}
                name = "response.output_text.done" if kind == "text" else "response.refusal.done"
                done = self._event(name, **place, **said)
                return [done, self._event("response.content_part.done", **place, part=whole["content"][0])]
            case "thinking":
                place["summary_index"] = 0
                done = self._event("response.reasoning_summary_text.done", **place, text=text)
                part = {"type": "summary_text", "text": text}
                return [done, self._event("response.reasoning_summary_part.done", **place, part=part)]
            case "call" if one.opened.free:
                said = whole["input"]
                delta = self._event("response.custom_tool_call_input.delta", **place, delta=said)
                return [delta, self._event("response.custom_tool_call_input.done", **place, input=said)]
            case "call":
                place |= {"name": whole["name"], "arguments": whole["arguments"]}
                return [self._event("response.function_call_arguments.done", **place)]
            case _:
                return []

    def _over(self) -> list[bytes]:
        out = [event for key in list(self._open) for event in self._done(key)]
        finish = Finish.STOP if self._ended is None else self._ended.finish
        said: list[Part] = [Refusal("")] if self._refused else []
        output = [self._output[index] for index in sorted(self._output)]
        how = ended(finish, said)
        last = {**self._head, "output": output, **how, "usage": usage_for_responses(self._usage)}
        return [*out, self._event(f"response.{how['status']}", response=last)]


def _bare(item: Tree) -> Tree:
    """Return an item as it begins: what is in it comes in events of their own."""
    if "content" in item:
        return {**item, "content": []}
    return {**item, "summary": []} if "summary" in item else item
