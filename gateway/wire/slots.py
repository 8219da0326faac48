"""Where the events of a stream carry the text of an answer, so that it can be followed, and changed, across events."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.wire import fields

RESPONSES: Final = {
    "response.output_text.delta": "content_index",
    "response.refusal.delta": "content_index",
    "response.reasoning_text.delta": "content_index",
    "response.reasoning_summary_text.delta": "summary_index",
    "response.function_call_arguments.delta": "",
    "response.custom_tool_call_input.delta": "",
}
"""Types of the events of OpenAI's Responses that carry pieces of text -> which of several texts of an item it is."""
_ARGUMENTS: Final = "response.function_call_arguments.delta"
ANSWER: Final = "response.output_text.delta"
Channel = tuple[str | int, ...]
"""One text of an answer: which choice or block, which field of it."""

_PROSE: Final = ("content", "refusal", "reasoning_content", "reasoning")
_ANTHROPIC: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of one text: ``holder[name]``. ``inside_json``: the text as a whole is JSON."""

    channel: Channel
    holder: dict[str, Any]
    name: str
    inside_json: bool = False

    @property
    def text(self) -> str:
        """The piece."""
        return str(self.holder[self.name])


def slots(event: Any) -> Iterator[Slot]:
    """Yield the pieces of text in one event of either dialect; an event of neither has none."""
    if not isinstance(event, dict):
        return
    kind = event.get("type")
    if kind == "content_block_delta":
        yield from _anthropic(event)
        return
    if isinstance(kind, str) and kind in RESPONSES and isinstance(event.get("delta"), str):
        channel = (number(event.get("output_index")), kind, number(event.get(RESPONSES[kind])))
        yield Slot(channel, event, "delta", inside_json=kind == _ARGUMENTS)
        return
    for choice in fields.objects(event.get("choices")):
        delta = choice.get("delta")
        if isinstance(delta, dict):
            yield from _openai(number(choice.get("index")), delta)


def is_responses(tree: Any) -> bool:
    """Return whether an event is one of OpenAI's Responses; but for its pieces, what is in it is whole."""
    return isinstance(tree, dict) and str(tree.get("type")).startswith("response.")


def number(index: Any) -> int:
    """Return an index as upstreams should send it; 0 for anything else."""
    return index if isinstance(index, int) else 0


def _anthropic(event: dict[str, Any]) -> Iterator[Slot]:
    delta = event.get("delta")
    if isinstance(delta, dict):
        name = _ANTHROPIC.get(str(delta.get("type")))
        if name is not None and isinstance(delta.get(name), str):
            yield Slot((number(event.get("index")), name), delta, name, name == "partial_json")


def _openai(choice: int, delta: dict[str, Any]) -> Iterator[Slot]:
    for name in _PROSE:
        if isinstance(delta.get(name), str):
            yield Slot((choice, name), delta, name)
    for call in fields.objects(delta.get("tool_calls")):
        function = call.get("function")
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            yield Slot((choice, "tool", number(call.get("index"))), function, "arguments", inside_json=True)
        custom = call.get("custom")
        if isinstance(custom, dict) and isinstance(custom.get("input"), str):
            yield Slot((choice, "custom", number(call.get("index"))), custom, "input")
    function = delta.get("function_call")
    if isinstance(function, dict) and isinstance(function.get("arguments"), str):
        yield Slot((choice, "function"), function, "arguments", inside_json=True)


def names(event: Any) -> Iterator[dict[str, Any]]:
    """Yield what holds the ``name`` of a tool that is called: it comes whole, and is part of no text."""
    for choice in fields.objects(event.get("choices") if isinstance(event, dict) else None):
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            continue
        calls = [*fields.objects(delta.get("tool_calls")), {"function": delta.get("function_call")}]
        for called in [call.get(kind) for call in calls for kind in ("function", "custom")]:
            if isinstance(called, dict) and isinstance(called.get("name"), str):
                yield called


def rest_event(channel: Channel, text: str, template: dict[str, Any]) -> bytes:
    """Return an event that carries the last piece of one text, shaped as the stream's own events are.

    ``template`` is an event of the same stream: what it says of the stream as a whole is repeated.
    """
    if channel[1] in RESPONSES:
        return b"event: " + str(channel[1]).encode() + b"\n" + fields.event_data({**template, "delta": text})
    if template.get("type") == "content_block_delta":
        kind = next(kind for kind, name in _ANTHROPIC.items() if name == channel[1])
        event = {"type": "content_block_delta", "index": channel[0], "delta": {"type": kind, channel[1]: text}}
        return b"event: content_block_delta\n" + fields.event_data(event)
    arguments = {"arguments": text}
    delta: dict[str, Any]
    if channel[1] == "tool":
        delta = {"tool_calls": [{"index": channel[2], "function": arguments}]}
    elif channel[1] == "custom":
        delta = {"tool_calls": [{"index": channel[2], "custom": {"input": text}}]}
    elif channel[1] == "function":
        delta = {"function_call": arguments}
    else:
        delta = {str(channel[1]): text}
    common = {name: value for name, value in template.items() if name not in {"choices", "usage"}}
    return fields.event_data(common | {"choices": [{"index": channel[0], "delta": delta, "finish_reason": None}]})
