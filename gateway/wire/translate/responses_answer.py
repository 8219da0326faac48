"""Complete answers of OpenAI's Responses, read and written; each part of an answer is an item of its output.

Source: OpenAI API reference, "The response object"; openai-python 2 (types).
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.domain.usage import Usage
from gateway.wire import fields
from gateway.wire.body import Tree
from gateway.wire.translate.hub import Call, Finish, Given, Losses, Part, Refusal, Sealed, Text, Thought
from gateway.wire.translate.names import in_namespace
from gateway.wire.translate.responses_write import free_text
from gateway.wire.translate.seals import for_responses, of_responses
from gateway.wire.usage import responses_usage

_WHY: Final[Mapping[Finish, str]] = {Finish.LENGTH: "max_output_tokens", Finish.REFUSED: "content_filter"}
_REPEATED: Final = (
    *("max_output_tokens", "metadata", "parallel_tool_calls", "reasoning", "temperature", "text", "tool_choice"),
    *("top_p", "truncation", "safety_identifier", "user", "prompt_cache_key"),
)
"""Fields of a request that its answer repeats; not ``tools`` and ``instructions``, which are long."""


def read_responses_answer(tree: Tree, losses: Losses) -> Given:
    """Return a complete answer."""
    parts: list[Part] = []
    for number, item in enumerate(fields.objects(tree.get("output"))):
        parts += _parts(item, f"output[{number}]", losses)
    finish = finish_of(tree, parts)
    usage = responses_usage(tree.get("usage"), tree.get("service_tier"))
    return Given(str(tree.get("id") or ""), str(tree.get("model") or ""), tuple(parts), finish, None, usage)


def finish_of(response: Tree, parts: list[Part]) -> Finish:
    """Return why an answer ended, from its status and its parts."""
    why = response.get("incomplete_details")
    if response.get("status") == "incomplete":
        reason = why.get("reason") if isinstance(why, dict) else None
        return Finish.REFUSED if reason == "content_filter" else Finish.LENGTH
    if any(isinstance(part, Call) for part in parts):
        return Finish.CALLS
    return Finish.REFUSED if any(isinstance(part, Refusal) for part in parts) else Finish.STOP


def _parts(item: Tree, path: str, losses: Losses) -> list[Part]:
    match item.get("type"):
        case "message":
            if item.get("phase"):
                losses.lose(f"{path}.phase", "the caller's dialect does not tell interim remarks from the answer")
            return _said(item.get("content"), path, losses)
        case "function_call" | "custom_tool_call":
            return [call_of(item)]
        case "reasoning":
            part = reasoning_of(item)
            return [] if part is None else [part]
        case kind:
            losses.lose(path, f"the caller's dialect has no item of type {str(kind)[:40]}")
            return []


def _said(content: Any, path: str, losses: Losses) -> list[Part]:
    found: list[Part] = []
    for number, part in enumerate(fields.objects(content)):
        if part.get("type") == "refusal":
            found.append(Refusal(str(part.get("refusal") or "")))
        elif isinstance(part.get("text"), str):
            found.append(Text(part["text"]))
        if part.get("annotations"):
            losses.lose(f"{path}.content[{number}].annotations", "the caller's dialect has no place for it")
    return found


def call_of(item: Tree) -> Call:
    """Return the call that an item makes."""
    free = item.get("type") == "custom_tool_call"
    arguments = {"input": str(item.get("input") or "")} if free else item.get("arguments")
    name = in_namespace(str(item.get("name") or ""), str(item.get("namespace") or ""))
    return Call(str(item.get("call_id") or ""), name, fields.arguments(arguments), free=free)


def reasoning_of(item: Tree) -> Thought | Sealed | None:
    """Return an item of reasoning; None if nothing is in it."""
    shown = fields.objects(item.get("summary")) or fields.objects(item.get("content"))
    text = "\n\n".join([part["text"] for part in shown if isinstance(part.get("text"), str)])
    sealed = item.get("encrypted_content")
    sealed = sealed if isinstance(sealed, str) else ""
    return of_responses(text, sealed, str(item.get("id") or "")) if text or sealed else None


def write_responses_answer(answer: Given, asked: Tree, *, created: int) -> Tree:
    """Return it as a response.

    Args:
        answer: what the target said.
        asked: the caller's request, of which a response repeats some fields.
        created: now, in UTC seconds.
    """
    base = base_of(answer.id)
    items = [one for number, part in enumerate(answer.parts) if (one := item(part, base, number)) is not None]
    head = response(base, answer.model, asked, created=created)
    return {**head, "output": items, **ended(answer.finish, answer.parts), "usage": usage_for_responses(answer.usage)}


def base_of(name: str) -> str:
    """Return what the ids of a response and of its items are made of."""
    return name.removeprefix("resp_") or "0"


def response(base: str, model: str, asked: Tree, *, created: int) -> Tree:
    """Return a response that has just begun."""
    head: Tree = {"id": f"resp_{base}", "object": "response", "created_at": created, "status": "in_progress"}
    head |= {"background": False, "error": None, "incomplete_details": None, "instructions": None, "model": model}
    head |= {"output": [], "parallel_tool_calls": True, "previous_response_id": None, "store": False}
    head |= {"temperature": None, "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": []}
    head |= {"top_p": None, "truncation": "disabled", "usage": None, "metadata": {}}
    return head | {name: asked[name] for name in _REPEATED if asked.get(name) is not None}


def ended(finish: Finish, parts: tuple[Part, ...] | list[Part]) -> Tree:
    """Return the fields that say how an answer ended. A refusal that the model wrote itself is a whole answer."""
    why = _WHY.get(finish)
    if why is None or (finish is Finish.REFUSED and any(isinstance(part, Refusal) for part in parts)):
        return {"status": "completed"}
    return {"status": "incomplete", "incomplete_details": {"reason": why}}


def item(part: Part, base: str, number: int, status: str = "completed") -> Tree | None:
    """Return the item of a part; None if this dialect has none for it."""
    match part:
        case Text(text):
            return _message(base, number, status, [{"type": "output_text", "text": text, "annotations": []}])
        case Refusal(text):
            return _message(base, number, status, [{"type": "refusal", "refusal": text}])
        case Call():
            return _call(part, base, number, status)
        case Thought(text):
            summary = [{"type": "summary_text", "text": text}] if text else []
            return _reasoning(part, base, number, summary)
        case Sealed():
            return _reasoning(part, base, number, [])
        case _:
            return None


def _message(base: str, number: int, status: str, content: list[Tree]) -> Tree:
    return {"id": f"msg_{base}_{number}", "type": "message", "role": "assistant", "status": status, "content": content}


def _call(call: Call, base: str, number: int, status: str) -> Tree:
    grouped = {"namespace": call.namespace} if call.namespace else {}
    named = {"call_id": call.id, "name": call.name, **grouped}
    if call.free:
        name = f"ctc_{base}_{number}"
        return {"id": name, "type": "custom_tool_call", "status": status, **named, "input": free_text(call.arguments)}
    arguments = call.arguments or ("{}" if status == "completed" else "")
    return {"id": f"fc_{base}_{number}", "type": "function_call", "status": status, **named, "arguments": arguments}


def _reasoning(part: Thought | Sealed, base: str, number: int, summary: list[Tree]) -> Tree:
    seal = for_responses(part)
    own = part.id if part.origin == "openai" and part.id else f"rs_{base}_{number}"
    return {"id": own, "type": "reasoning", "summary": summary, **({"encrypted_content": seal} if seal else {})}


def usage_for_responses(usage: Usage | None) -> Tree:
    """Return usage as Responses reports it: cached and written tokens are inside of the input's."""
    used = usage or Usage()
    took = {"cached_tokens": used.cached_input_tokens, "cache_write_tokens": used.cache_write_tokens}
    return {
        "input_tokens": used.input_tokens,
        "input_tokens_details": took,
        "output_tokens": used.output_tokens,
        "output_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
        "total_tokens": used.input_tokens + used.output_tokens,
    }
