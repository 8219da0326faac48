"""Streams of OpenAI's Responses, read into events between dialects.

Source: OpenAI API reference, "Streaming events"; recorded streams. Servers differ: some send only whole items, some say
only in the last event what the answer is.
"""

from typing import Any, Final

import orjson

from gateway.wire import fields
from gateway.wire.body import Tree, read_answer
from gateway.wire.slots import number
from gateway.wire.translate.events import Began, Closed, Counted, Ended, Event, Kind, Opened, Over, Piece, Signed
from gateway.wire.translate.hub import Call, Finish, Sealed, Thought
from gateway.wire.translate.responses_answer import call_of, finish_of, reasoning_of
from gateway.wire.usage import responses_usage

_PARTS: Final[dict[str, Kind]] = {"output_text": "text", "refusal": "refusal", "reasoning_text": "thinking"}
_DELTAS: Final[dict[str, Kind]] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "thinking",
    "response.reasoning_summary_text.delta": "thinking",
}
_ARGUMENTS: Final = ("response.function_call_arguments.delta", "response.custom_tool_call_input.delta")
_CALLS: Final = ("function_call", "custom_tool_call")
_BEFORE, _AFTER = '{"input":"', '"}'
"""Around the text of a free tool, to make the object that it is between dialects."""
Place = tuple[int, int]
"""Index of an item, and of a part in it; thinking is one part whatever its index."""


class ResponsesEvents:
    """Reads one stream."""

    def __init__(self) -> None:
        self._began = False
        self._keys: dict[Place, int] = {}
        self._kinds: dict[Place, Kind] = {}
        self._open: list[Place] = []
        self._said: set[Place] = set()
        """Of which a piece came."""
        self._free: set[Place] = set()
        self._whole: set[int] = set()
        """Items that are done."""

    def feed(self, data: bytes) -> list[Event]:
        """Return the events of one event's data.

        Raises:
            ValueError: it is not JSON.
        """
        tree = read_answer(data) if data.strip() != b"[DONE]" else None
        if not isinstance(tree, dict):
            return []
        found: list[Event] = []
        self._read(tree, found)
        if found and not self._began and not isinstance(found[0], Began):
            found.insert(0, Began("", ""))
        self._began = self._began or bool(found)
        return found

    def _read(self, tree: Tree, found: list[Event]) -> None:
        kind, index = str(tree.get("type")), number(tree.get("output_index"))
        if kind == "response.created" and not self._began:
            head = _response(tree)
            found.append(Began(str(head.get("id") or ""), str(head.get("model") or "")))
        elif kind in _DELTAS:
            self._delta(_DELTAS[kind], index, tree, found)
        elif kind in _ARGUMENTS:
            self._arguments((index, 0), tree.get("delta"), found)
        elif kind == "response.content_part.added":
            part = tree.get("part")
            of = _PARTS.get(str(part.get("type"))) if isinstance(part, dict) else None
            if of is not None:
                self._opened(_place(of, index, tree), of, found)
        elif kind == "response.output_item.added":
            self._begin(index, tree.get("item"), found)
        elif kind == "response.output_item.done":
            self._done(index, tree.get("item"), found)
        elif kind in ("response.completed", "response.incomplete"):
            self._end(_response(tree), found)

    def _begin(self, index: int, item: Any, found: list[Event]) -> None:
        if isinstance(item, dict) and item.get("type") in _CALLS:
            self._call(index, call_of(item), found)

    def _call(self, index: int, call: Call, found: list[Event]) -> None:
        place = (index, 0)
        if place not in self._keys:
            self._note(place, "call")
            found.append(Opened(self._keys[place], "call", call.id, call.name, free=call.free))
            if call.free:
                self._free.add(place)

    def _delta(self, kind: Kind, index: int, tree: Tree, found: list[Event]) -> None:
        text, place = tree.get("delta"), _place(kind, index, tree)
        if not isinstance(text, str) or not text or index in self._whole:
            return
        self._opened(place, kind, found)
        paragraph = number(tree.get("summary_index"))
        if kind == "thinking" and paragraph and (index, -1 - paragraph) not in self._said and place in self._said:
            text = "\n\n" + text
        self._said |= {place, (index, -1 - paragraph)}
        found.append(Piece(self._keys[place], text))

    def _arguments(self, place: Place, text: Any, found: list[Event]) -> None:
        if not isinstance(text, str) or not text or place not in self._keys or place[0] in self._whole:
            return
        if place in self._free:
            text = ("" if place in self._said else _BEFORE) + _inside(text)
        self._said.add(place)
        found.append(Piece(self._keys[place], text))

    def _opened(self, place: Place, kind: Kind, found: list[Event]) -> None:
        if place not in self._keys:
            self._note(place, kind)
            found.append(Opened(self._keys[place], kind))

    def _note(self, place: Place, kind: Kind) -> None:
        self._keys[place], self._kinds[place] = len(self._keys), kind
        self._open.append(place)

    def _done(self, index: int, item: Any, found: list[Event]) -> None:
        """Close an item, with what of it no event has said."""
        if not isinstance(item, dict) or index in self._whole:
            return
        self._whole.add(index)
        match item.get("type"):
            case "message":
                self._rest_of_message(index, item, found)
            case "function_call" | "custom_tool_call":
                self._rest_of_call(index, call_of(item), found)
            case "reasoning":
                self._rest_of_reasoning(index, reasoning_of(item), found)
            case _:  # of the vendor's own tools, which nobody asked for
                pass
        for place in [one for one in self._open if one[0] == index]:
            self._close(place, found)

    def _rest_of_message(self, index: int, item: Tree, found: list[Event]) -> None:
        for at, part in enumerate(fields.objects(item.get("content"))):
            kind = _PARTS.get(str(part.get("type")))
            text = part.get("refusal" if kind == "refusal" else "text")
            if kind is not None and isinstance(text, str) and text and (index, at) not in self._said:
                self._opened((index, at), kind, found)
                found.append(Piece(self._keys[index, at], text))

    def _rest_of_call(self, index: int, call: Call, found: list[Event]) -> None:
        place = (index, 0)
        self._call(index, call, found)
        if place not in self._said and call.arguments:
            found.append(Piece(self._keys[place], call.arguments))
        elif place in self._free:
            found.append(Piece(self._keys[place], _AFTER))

    def _rest_of_reasoning(self, index: int, part: Thought | Sealed | None, found: list[Event]) -> None:
        place = (index, 0)
        if isinstance(part, Sealed) and place not in self._keys:
            self._note(place, "sealed")
            found.append(Opened(self._keys[place], "sealed", part.id, data=part.data, origin=part.origin))
        elif isinstance(part, Thought):
            self._opened(place, "thinking", found)
            if place not in self._said and part.text:
                found.append(Piece(self._keys[place], part.text))
            if part.signature:
                found.append(Signed(self._keys[place], part.signature, part.origin, part.id))

    def _close(self, place: Place, found: list[Event]) -> None:
        self._open.remove(place)
        found.append(Closed(self._keys[place]))

    def _end(self, response: Tree, found: list[Event]) -> None:
        silent = not self._keys
        for index, item in enumerate(fields.objects(response.get("output"))):
            if silent or any(place[0] == index for place in self._open):
                self._done(index, item, found)
        for place in list(self._open):
            self._close(place, found)
        usage = responses_usage(response.get("usage"), response.get("service_tier"))
        if usage is not None:
            found.append(Counted(usage))
        kinds = set(self._kinds.values())
        finish = finish_of(response, [])
        if finish is Finish.STOP and kinds & {"call", "refusal"}:
            finish = Finish.CALLS if "call" in kinds else Finish.REFUSED
        found += [Ended(finish), Over()]


def _place(kind: Kind, index: int, tree: Tree) -> Place:
    return index, 0 if kind == "thinking" else number(tree.get("content_index"))


def _response(tree: Tree) -> Tree:
    response = tree.get("response")
    return response if isinstance(response, dict) else {}


def _inside(text: str) -> str:
    """Return text as it stands inside of a JSON string."""
    return orjson.dumps(text).decode()[1:-1]
