"""What a stream or a complete answer says, as the client gets it: by this the answer is known again later.

The texts of a stream are taken from its bytes by one expression: inside a JSON string no name of a field stands between
plain quotes. Streams with a tool's call, and answers with several choices, are parsed.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson

from gateway.sensitivity.said import NOTHING_SAID, Said, said_in, together
from gateway.wire import fields
from gateway.wire.body import read_answer
from gateway.wire.slots import number
from gateway.wire.sse import data_of

_TEXT: Final = re.compile(rb'"(?:content|text|refusal)"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PARSED: Final = (b'"tool_calls"', b'"tool_use"', b'"reasoning_details"')
_DELTAS: Final = ("text_delta",)
_RESPONSES: Final = re.compile(rb'"type":\s?"response\.')
"""In the first event of a stream of OpenAI's Responses; inside of a text its quotes were escaped."""
_SHOWN: Final = ("response.output_text.delta", "response.refusal.delta")
DONE: Final = "response.output_item.done"


def said_in_stream(events: Sequence[bytes], *, choices: int) -> list[Said]:
    """Return what each choice of a stream says. ``choices``: how many were requested."""
    if choices > 1:
        return _by_choice(events)
    if events and _RESPONSES.search(events[0]):
        return [_of_responses(events)]
    stream = b"".join(events)
    if any(name in stream for name in _PARSED):
        return _by_choice(events)
    pieces = _TEXT.findall(stream)
    try:
        return [Said(orjson.loads(b'"' + b"".join(pieces) + b'"'))]
    except orjson.JSONDecodeError:  # half of a surrogate pair, say: the pieces are no text together
        return _by_choice(events)


def said_in_answer(tree: Any) -> list[Said]:
    """Return what each choice of a complete answer says."""
    if not isinstance(tree, dict):
        return []
    choices = fields.objects(tree.get("choices"))
    if isinstance(tree.get("output"), list):
        return [together([said_in(item) for item in tree["output"]])]
    return [said_in(choice.get("message")) for choice in choices] if choices else [said_in(tree)]


def restored(said: Said, restore: Callable[[str], str]) -> Said:
    """Return it with the values that a target did not see."""
    return Said(restore(said.text), said.calls)


def _by_choice(events: Sequence[bytes]) -> list[Said]:
    said: dict[int, list[Said]] = {}
    for event in decoded(events):
        for choice in fields.objects(event.get("choices")):
            index = number(choice.get("index"))
            said.setdefault(index, []).append(said_in(choice.get("delta")))
        said_now = _of_anthropic(event)
        if said_now != NOTHING_SAID:
            said.setdefault(0, []).append(said_now)
    return [together(pieces) for pieces in said.values()] or [NOTHING_SAID]


def decoded(events: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream's events."""
    for raw in events:
        try:
            event = read_answer(data_of(raw))
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _of_responses(events: Sequence[bytes]) -> Said:
    """Return what the items say that are whole, and the pieces of those that are not."""
    items: dict[int, Said] = {}
    pieces: dict[int, list[Said]] = {}
    for event in decoded(events):
        index = number(event.get("output_index"))
        if event.get("type") == DONE:
            items[index] = said_in(event.get("item"))
        elif event.get("type") in _SHOWN and isinstance(event.get("delta"), str):
            pieces.setdefault(index, []).append(Said(event["delta"]))
        elif event.get("type") == "response.output_item.added":
            pieces.setdefault(index, []).append(said_in(event.get("item")))
    every = {index: together(parts) for index, parts in pieces.items()} | items
    return together([every[index] for index in sorted(every)])


def _of_anthropic(event: dict[str, Any]) -> Said:
    delta, block = event.get("delta"), event.get("content_block")
    if isinstance(block, dict):
        return said_in({"content": [block]})
    if isinstance(delta, dict) and delta.get("type") in _DELTAS and isinstance(delta.get("text"), str):
        return Said(delta["text"])
    return NOTHING_SAID
