"""Every place of an agent's request in turn: a value there never leaves plain, and an odd type there is a 400."""

import copy

import anyio
import pytest
from support.fakes import (
    CHAT,
    MESSAGES,
    RESPONSES,
    Client,
    Fakes,
    FakeUpstream,
    closed,
    completion,
    inbound,
    message,
    policy,
    response,
    whole,
)

from gateway.domain.errors import InvalidRequest
from gateway.pipeline.handle import handle
from gateway.wire.body import serialise
from gateway.wire.translate.translation import translated

EMAIL = "ann.lee@corp-mail.net"
MARK = {"type": "ephemeral", "ttl": "5m"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "description": "x", "enum": ["q"]}}}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"k": ["v"]}'}}
TO_CHAT = {
    "model": "auto",
    "max_tokens": 3000,
    "system": [{"type": "text", "text": "s", "cache_control": MARK}],
    "tools": [{"name": "f", "description": "d", "input_schema": SCHEMA, "input_examples": [{"a": "b"}]}],
    "tool_choice": {"type": "tool", "name": "f"},
    "stop_sequences": ["a"],
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "metadata": {"user_id": "u"},
    "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": SCHEMA}},
    "messages": [
        {"role": "user", "content": "hi"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "t", "signature": ""},
                {"type": "text", "text": "t", "citations": [{"type": "char_location", "cited_text": "c"}]},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"k": {"l": ["v"]}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "r"}]},
                {"type": "search_result", "title": "t", "source": "s", "content": [{"type": "text", "text": "x"}]},
                {"type": "document", "title": "t", "source": {"type": "text", "media_type": "text/plain", "data": "d"}},
            ],
        },
    ],
}
TO_MESSAGES = {
    "model": "auto",
    "max_tokens": 100,
    "stop": ["x"],
    "user": "u",
    "metadata": {"k": "v"},
    "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": SCHEMA}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "d", "cache_control": MARK}]},
        {"role": "user", "name": "n", "content": "hi"},
        {"role": "assistant", "content": None, "reasoning_content": "rc", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "r"}]},
    ],
}
OF_RESPONSES = {
    "model": "auto",
    "max_output_tokens": 100,
    "instructions": "i",
    "user": "u",
    "metadata": {"k": "v"},
    "include": ["reasoning.encrypted_content"],
    "reasoning": {"effort": "high", "summary": "auto"},
    "text": {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA}},
    "tools": [
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": False},
        {"type": "custom", "name": "p", "description": "d", "format": {"type": "grammar", "definition": "start: X"}},
    ],
    "tool_choice": {"type": "function", "name": "f"},
    "input": [
        {"role": "developer", "content": "d"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hmm"}]},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "t", "annotations": []}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"k": ["v"]}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "p", "input": "*** Begin Patch"},
        {"type": "function_call_output", "call_id": "c", "output": "r"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "r"}]},
        {"type": "local_shell_call_output", "call_id": "c3", "output": "r"},
    ],
}
WAYS = [
    pytest.param(TO_CHAT, MESSAGES, "openai", completion, id="to chat"),
    pytest.param(TO_MESSAGES, CHAT, "anthropic", message, id="to messages"),
    pytest.param(OF_RESPONSES, RESPONSES, "deepseek", completion, id="responses to chat"),
    pytest.param(OF_RESPONSES, RESPONSES, "anthropic", message, id="responses to messages"),
    pytest.param(OF_RESPONSES, RESPONSES, "openai", response, id="responses as they are"),
    pytest.param(TO_CHAT, MESSAGES, "codex", response, id="messages to responses"),
    pytest.param(TO_MESSAGES, CHAT, "codex", response, id="chat to responses"),
]
KINDS = {
    "deepseek": {"kind": "openai", "api_base": "https://deepseek.example/v1"},
    "codex": {"kind": "openai", "dialects": ["openai.responses"]},
}
"""Targets of a vendor that only copies OpenAI's chat, and of a model that takes Responses alone."""
ODD = (None, 0, True, [], {}, "x", [1], [[]], {"type": ["x"]}, {"type": {}}, [{"type": None}], {"type": "text"})


def places(node, path=()):
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, value in steps:
        yield from places(value, (*path, step))


def held(tree, path):
    for step in path:
        tree = tree[step]
    return tree


def put(tree, path, value):
    changed = copy.deepcopy(tree)
    held(changed, path[:-1])[path[-1]] = value
    return changed


def snapshot(kind):
    target = closed("home", clearance={"max": "internal", "mask": ["email"]}, **KINDS.get(kind, {"kind": kind}))
    return policy(targets=[target], models=[{"name": "auto", "candidates": ["home"]}], rules=[])


@pytest.mark.parametrize(("tree", "dialect", "kind", "answer"), WAYS)
def test_a_value_anywhere_is_masked_or_keeps_the_request_here(tree, dialect, kind, answer):
    known, sent = snapshot(kind), []

    async def run(asked):
        fakes, client = Fakes(snapshot=known), Client()
        fakes.upstream = FakeUpstream(home=whole(answer()))
        await handle(inbound(asked, dialect), fakes.world, client)
        assert client.status in (200, 400, 403), client.body
        sent.extend(call.body for call in fakes.upstream.calls)

    for path in places(tree):
        value = held(tree, path)
        if isinstance(value, str) and path != ("model",):
            anyio.run(run, put(tree, path, f"{value} {EMAIL}"))
        elif isinstance(value, dict) and path:
            anyio.run(run, put(tree, path, {**value, EMAIL: EMAIL}))
    assert sum(b"MASKED_EMAIL" in body for body in sent) > 5
    assert not [body for body in sent if EMAIL.encode() in body]


@pytest.mark.parametrize(("tree", "dialect", "kind", "answer"), WAYS)
def test_an_odd_type_anywhere_is_translated_or_refused(tree, dialect, kind, answer):
    target = snapshot(kind).targets["home"]
    wanted = target.sent_as(dialect.name)
    if wanted == dialect.name:
        wanted = CHAT.name
    refused = 0
    for path in places(tree):
        for odd in ODD if path else ():
            asked = put(tree, path, odd)
            try:
                dialect.shape(asked)
                serialise(translated(asked, dialect.name, wanted, target).tree)
            except InvalidRequest:
                refused += 1
    assert refused > 100
