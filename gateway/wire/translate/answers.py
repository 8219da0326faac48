"""Complete answers of either dialect, and usage and the reason of the end in both.

Source: OpenAI API reference ("The chat completion object"), Anthropic API reference ("Message", "stop_reason").
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.body import Tree, serialise
from gateway.wire.translate.details import FIELD, details
from gateway.wire.translate.hub import Call, Finish, Given, Losses, Part, Refusal, Sealed, Text, Thought
from gateway.wire.translate.messages_write import given as as_object
from gateway.wire.translate.responses_write import free_text
from gateway.wire.translate.seals import for_messages
from gateway.wire.usage import anthropic_usage, openai_usage

_FROM_CHAT: Final[Mapping[str, Finish]] = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.CALLS,
    "function_call": Finish.CALLS,
    "content_filter": Finish.REFUSED,
}
_TO_CHAT: Final[Mapping[Finish, str]] = {
    Finish.STOP: "stop",
    Finish.SEQUENCE: "stop",
    Finish.LENGTH: "length",
    Finish.CALLS: "tool_calls",
    Finish.REFUSED: "content_filter",
    Finish.PAUSED: "stop",
}
_FROM_MESSAGES: Final[Mapping[str, Finish]] = {
    "end_turn": Finish.STOP,
    "stop_sequence": Finish.SEQUENCE,
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "tool_use": Finish.CALLS,
    "refusal": Finish.REFUSED,
    "pause_turn": Finish.PAUSED,
}
_TO_MESSAGES: Final[Mapping[Finish, str]] = {
    Finish.STOP: "end_turn",
    Finish.SEQUENCE: "stop_sequence",
    Finish.LENGTH: "max_tokens",
    Finish.CALLS: "tool_use",
    Finish.REFUSED: "refusal",
    Finish.PAUSED: "pause_turn",
}


def chat_finish(reason: Any, *, sequence: Any = None, calls: bool = False, refused: bool = False) -> Finish:
    """Return why an answer of OpenAI's dialect ended.

    ``sequence``: the stop sequence, as vLLM names it. Servers say ``stop`` also where tools are called.
    """
    finish = _FROM_CHAT.get(str(reason), Finish.STOP)
    if finish is Finish.STOP and calls:
        return Finish.CALLS
    if finish is Finish.STOP and refused:
        return Finish.REFUSED
    return Finish.SEQUENCE if finish is Finish.STOP and isinstance(sequence, str) else finish


def messages_finish(reason: Any) -> Finish:
    """Return why an answer of Anthropic's dialect ended."""
    return _FROM_MESSAGES.get(str(reason), Finish.STOP)


def finish_for_chat(finish: Finish, *, refusal: bool = False) -> str:
    """Return OpenAI's word; an answer that is a refusal has ended as any other."""
    return "stop" if refusal and finish is Finish.REFUSED else _TO_CHAT[finish]


def finish_for_messages(finish: Finish) -> str:
    """Return Anthropic's word."""
    return _TO_MESSAGES[finish]


def usage_for_chat(usage: Usage | None) -> Tree:
    """Return usage as OpenAI's dialect reports it: cached tokens are inside of the prompt's."""
    used = usage or Usage()
    total = used.input_tokens + used.output_tokens
    return {
        "prompt_tokens": used.input_tokens,
        "completion_tokens": used.output_tokens,
        "total_tokens": total,
        "prompt_tokens_details": {"cached_tokens": used.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }


def usage_for_messages(usage: Usage | None) -> Tree:
    """Return usage as Anthropic's dialect reports it: tokens of the cache are beside the input's."""
    used = usage or Usage()
    return {
        "input_tokens": used.input_tokens - used.cached_input_tokens - used.cache_write_tokens,
        "cache_creation_input_tokens": used.cache_write_tokens,
        "cache_read_input_tokens": used.cached_input_tokens,
        "output_tokens": used.output_tokens,
    }


def read_chat_answer(tree: Tree, losses: Losses) -> Given:
    """Return a complete answer of OpenAI's dialect: its first choice."""
    choice = next(iter(fields.objects(tree.get("choices"))), {})
    message = choice.get("message")
    said = message if isinstance(message, dict) else {}
    parts: list[Part] = []
    thought = said.get("reasoning_content") or said.get("reasoning")
    if isinstance(thought, str) and thought:
        parts.append(Thought(thought))
    if text := fields.plain_text(said.get("content")):
        parts.append(Text(text))
    if isinstance(said.get("refusal"), str) and said["refusal"]:
        parts.append(Refusal(said["refusal"]))
    calls = [call for call in fields.objects(said.get("tool_calls")) if isinstance(call.get("function"), dict)]
    for call in calls:
        function = call["function"]
        name, arguments = str(function.get("name") or ""), fields.arguments(function.get("arguments"))
        parts.append(Call(str(call.get("id") or ""), name, arguments))
    for name in ("annotations", "audio"):
        if said.get(name):
            losses.lose(f"choices[0].message.{name}", "the caller's dialect has no place for it")
    finish = chat_finish(
        choice.get("finish_reason"),
        sequence=choice.get("stop_reason"),
        calls=bool(calls),
        refused=bool(said.get("refusal")),
    )
    sequence = choice.get("stop_reason") if finish is Finish.SEQUENCE else None
    usage = openai_usage(tree.get("usage"), tree.get("service_tier"))
    return Given(str(tree.get("id") or ""), str(tree.get("model") or ""), tuple(parts), finish, sequence, usage)


def write_chat_answer(answer: Given, *, created: int) -> Tree:
    """Return it in OpenAI's dialect. ``created``: now, in UTC seconds."""
    text = "".join(part.text for part in answer.parts if isinstance(part, Text))
    refusal = "".join(part.text for part in answer.parts if isinstance(part, Refusal))
    thought = "".join(part.text for part in answer.parts if isinstance(part, Thought))
    calls = [_call(part) for part in answer.parts if isinstance(part, Call)]
    message: Tree = {"role": "assistant", "content": text or None, "refusal": refusal or None}
    if thought:
        message["reasoning_content"] = thought
    if signed := details(answer.parts):
        message[FIELD] = signed
    if calls:
        message["tool_calls"] = calls
    finish = finish_for_chat(answer.finish, refusal=bool(refusal))
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": created,
        "model": answer.model,
        "choices": [choice],
        "usage": usage_for_chat(answer.usage),
    }


def _call(call: Call) -> Tree:
    if call.free:
        custom = {"name": call.name, "input": free_text(call.arguments)}
        return {"id": call.id, "type": "custom", "custom": custom}
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": call.id, "type": "function", "function": function}


def read_messages_answer(tree: Tree, losses: Losses) -> Given:
    """Return a complete answer of Anthropic's dialect."""
    parts: list[Part] = []
    for number, block in enumerate(fields.objects(tree.get("content"))):
        match block.get("type"):
            case "text":
                parts.append(Text(str(block.get("text") or "")))
                if block.get("citations"):
                    losses.lose(f"content[{number}].citations", "the caller's dialect has no place for it")
            case "thinking":
                parts.append(Thought(str(block.get("thinking") or ""), str(block.get("signature") or "")))
            case "redacted_thinking":
                parts.append(Sealed(str(block.get("data") or "")))
            case "tool_use":
                arguments = serialise(block.get("input", {})).decode()
                parts.append(Call(str(block.get("id") or ""), str(block.get("name") or ""), arguments))
            case kind:
                losses.lose(f"content[{number}]", f"the caller's dialect has no block of type {str(kind)[:40]}")
    finish = messages_finish(tree.get("stop_reason"))
    if finish is Finish.PAUSED:
        losses.lose("stop_reason", "the vendor paused; the caller's dialect cannot go on with it")
    sequence = tree.get("stop_sequence")
    return Given(
        str(tree.get("id") or ""),
        str(tree.get("model") or ""),
        tuple(parts),
        finish,
        sequence if isinstance(sequence, str) else None,
        anthropic_usage(tree.get("usage")),
    )


def write_messages_answer(answer: Given, losses: Losses) -> Tree:
    """Return it in Anthropic's dialect."""
    return {
        "id": answer.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [block for part in answer.parts if (block := _block(part, losses)) is not None],
        "stop_reason": finish_for_messages(answer.finish),
        "stop_sequence": answer.sequence,
        "usage": usage_for_messages(answer.usage),
    }


def _block(part: Part, losses: Losses) -> Tree | None:
    match part:
        case Text(text) | Refusal(text):
            return {"type": "text", "text": text, "citations": None}
        case Thought(text):
            return {"type": "thinking", "thinking": text, "signature": for_messages(part)}
        case Sealed():
            return {"type": "redacted_thinking", "data": for_messages(part)}
        case Call(name, tool, arguments):
            made = as_object(arguments)
            if arguments.strip() and made == {"arguments": arguments}:
                losses.lose(
                    f"content.{tool}.input", "the model's arguments are no JSON object; they stand under `arguments`"
                )
            return {"type": "tool_use", "id": name, "name": tool, "input": made}
        case _:
            return None
