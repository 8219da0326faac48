"""A conversation with a vendor in both dialects, seen from either end, whole and as a stream cut anywhere."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from support.fakes import CHAT, MESSAGES, event, named

from gateway.wire.sse import EventSplitter, data_of


@dataclass(frozen=True)
class ToolCall:
    """A tool, and its arguments as JSON."""

    name: str
    arguments: str

    @property
    def given(self) -> dict[str, Any]:
        """The arguments, read."""
        given: dict[str, Any] = json.loads(self.arguments)
        return given


@dataclass(frozen=True)
class Said:
    """What a model says: a text, or a call."""

    text: str = ""
    call: ToolCall | None = None


@dataclass(frozen=True)
class Shown:
    """What a user says, or a tool prints."""

    text: str
    by_tool: bool = False


Turn = Said | Shown


@dataclass
class Speech:
    """How one conversation is worded: its dialect, streamed or not, and how its JSON is written."""

    chance: random.Random
    dialect: Any = CHAT
    stream: bool = False

    @classmethod
    def any(cls, seed: int) -> "Speech":
        """Return one of them all."""
        chance = random.Random(seed)
        return cls(chance, chance.choice((CHAT, MESSAGES)), chance.random() < 0.6)

    @property
    def model(self) -> str:
        """The name that the caller asks for."""
        return "gpt-5" if self.dialect is CHAT else "claude-sonnet-4-5"

    def request(self, turns: list[Turn]) -> dict[str, Any]:
        """Return the body of a request."""
        worded = _chat_turn if self.dialect is CHAT else _messages_turn
        messages = [worded(number, turn) for number, turn in enumerate(turns)]
        body = {"model": self.model, "max_tokens": 4000, "stream": self.stream, "messages": messages}
        return body if self.dialect is CHAT else body | {"cache_control": {"type": "ephemeral"}}

    def heard(self, body: bytes) -> Said:
        """Return what a client reads of an answer."""
        if self.stream:
            return _of_stream([json.loads(one) for one in map(data_of, EventSplitter().feed(body)) if one[:1] == b"{"])
        tree = json.loads(body)
        if self.dialect is CHAT:
            message = tree["choices"][0]["message"]
            calls = [call["function"] for call in message.get("tool_calls") or ()]
            return Said(message.get("content") or "", ToolCall(**calls[0]) if calls else None)
        text = "".join(one["text"] for one in tree["content"] if one["type"] == "text")
        used = [one for one in tree["content"] if one["type"] == "tool_use"]
        return Said(text, ToolCall(used[0]["name"], _dumps(used[0]["input"])) if used else None)

    def answer(self, said: Said) -> list[bytes]:
        """Return what a vendor answers."""
        if said.call is not None:
            said = Said(said.text, ToolCall(said.call.name, self._spelt(said.call.given)))
        if self.stream:
            return [*(self._chat_events(said) if self.dialect is CHAT else self._messages_events(said))]
        return [json.dumps(self._whole(said)).encode()]

    def _spelt(self, arguments: dict[str, Any]) -> str:
        """Return JSON as one of many models writes it."""
        separators = self.chance.choice(((",", ":"), (", ", ": ")))
        return json.dumps(arguments, ensure_ascii=self.chance.random() < 0.3, separators=separators)

    def _whole(self, said: Said) -> dict[str, Any]:
        if self.dialect is CHAT:
            message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
            if said.call is not None:
                function = {"name": said.call.name, "arguments": said.call.arguments}
                message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
            done = "tool_calls" if said.call else "stop"
            choice = {"index": 0, "message": message, "finish_reason": done}
            return {"id": "c1", "choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
        content: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
        if said.call is not None:
            content.append({"type": "tool_use", "id": "call_1", "name": said.call.name, "input": said.call.given})
        reason = "tool_use" if said.call else "end_turn"
        usage = {"input_tokens": 7, "output_tokens": 3}
        answer = {"id": "m1", "type": "message", "role": "assistant", "content": content, "stop_reason": reason}
        return answer | {"usage": usage}

    def _cut(self, text: str) -> Iterator[str]:
        """Yield a text in pieces of any length."""
        most = self.chance.choice((1, 3, 12, 60))
        while text:
            size = self.chance.randint(1, most)
            yield text[:size]
            text = text[size:]

    def _chat_events(self, said: Said) -> Iterator[bytes]:
        def piece(delta: dict[str, Any], finish: str | None = None) -> bytes:
            return event({"id": "c1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        yield piece({"role": "assistant", "content": ""})
        for text in self._cut(said.text):
            yield piece({"content": text})
        if said.call is not None:
            first = {"id": "call_1", "type": "function", "function": {"name": said.call.name, "arguments": ""}}
            yield piece({"tool_calls": [{"index": 0, **first}]})
            for text in self._cut(said.call.arguments):
                yield piece({"tool_calls": [{"index": 0, "function": {"arguments": text}}]})
        yield piece({}, "tool_calls" if said.call else "stop")
        yield event(b"[DONE]")

    def _messages_events(self, said: Said) -> Iterator[bytes]:
        yield named("message_start", message={"id": "m1", "usage": {"input_tokens": 7, "output_tokens": 1}})
        blocks: list[tuple[dict[str, Any], str, str, str]] = []
        if said.text:
            blocks.append(({"type": "text", "text": ""}, "text_delta", "text", said.text))
        if said.call is not None:
            tool = {"type": "tool_use", "id": "call_1", "name": said.call.name, "input": {}}
            blocks.append((tool, "input_json_delta", "partial_json", said.call.arguments))
        for index, (block, kind, name, text) in enumerate(blocks):
            yield named("content_block_start", index=index, content_block=block)
            for part in self._cut(text):
                yield named("content_block_delta", index=index, delta={"type": kind, name: part})
            yield named("content_block_stop", index=index)
        reason = "tool_use" if said.call else "end_turn"
        yield named("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 3})
        yield named("message_stop")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _chat_turn(number: int, turn: Turn) -> dict[str, Any]:
    if isinstance(turn, Shown):
        if turn.by_tool:
            return {"role": "tool", "tool_call_id": f"call_{number - 1}", "content": turn.text}
        return {"role": "user", "content": turn.text}
    message: dict[str, Any] = {"role": "assistant", "content": turn.text or None}
    if turn.call is not None:
        function = {"name": turn.call.name, "arguments": turn.call.arguments}
        message["tool_calls"] = [{"id": f"call_{number}", "type": "function", "function": function}]
    return message


def _messages_turn(number: int, turn: Turn) -> dict[str, Any]:
    if isinstance(turn, Shown):
        if turn.by_tool:
            result = {"type": "tool_result", "tool_use_id": f"call_{number - 1}", "content": turn.text}
            return {"role": "user", "content": [result]}
        return {"role": "user", "content": [{"type": "text", "text": turn.text}]}
    content: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    if turn.call is not None:
        content.append({"type": "tool_use", "id": f"call_{number}", "name": turn.call.name, "input": turn.call.given})
    return {"role": "assistant", "content": content}


def shown(body: dict[str, Any]) -> list[Shown]:
    """Return what users and tools say in a request, as its vendor reads it."""
    found: list[Shown] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            found.append(Shown(message["content"], by_tool=True))
        elif message["role"] == "user":
            content = message["content"]
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            for part in parts:
                by_tool = part["type"] == "tool_result"
                found.append(Shown(part["content"] if by_tool else part["text"], by_tool=by_tool))
    return found


def _of_stream(events: list[dict[str, Any]]) -> Said:
    text, name, arguments = "", "", ""
    for one in events:
        for choice in one.get("choices", ()):
            text += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", ()):
                name += call["function"].get("name", "")
                arguments += call["function"].get("arguments", "")
        block, delta = one.get("content_block", {}), one.get("delta", {})
        name += block.get("name", "")
        text += block.get("text", "") + delta.get("text", "")
        arguments += delta.get("partial_json", "")
    return Said(text, ToolCall(name, arguments) if name else None)
