"""The facts of a request in a file: gathered by the very code that gathers them for a call."""

import time
from dataclasses import replace
from functools import partial

import anyio

from gateway.bootstrap.child import SystemClock
from gateway.cli.patterns import use_kept_patterns
from gateway.domain.facts import Facts
from gateway.domain.records import TraceRef
from gateway.pipeline.gather import gather
from gateway.pipeline.inbound import Headers, Inbound
from gateway.pipeline.label import labelled
from gateway.pipeline.request import request_of, task_of
from gateway.pipeline.salt import Salt
from gateway.pipeline.standing import Standing
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import Principal
from gateway.stores.sessions.memory import MemorySessions
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.body import parse
from gateway.wire.openai_chat import OpenAIChat

MAX_DEPTH = 64


def facts_of_request(
    body: bytes, snapshot: PolicySnapshot, *, team: str, model: str | None, dialect: str, headers: dict[str, str]
) -> Facts:
    """Return the facts of a request body as a call of this team with these headers would have them.

    Raises:
        InvalidRequest: a call with this body would be refused.
        KeyError: the policy has no such team.
    """
    speaks = AnthropicMessages() if dialect == AnthropicMessages.name else OpenAIChat()
    tree = parse(body, max_depth=MAX_DEPTH)
    if model:
        tree["model"] = model
    owner = replace(snapshot.teams[team], budgets=(), rate_limits=())
    use_kept_patterns()
    inbound = Inbound("", speaks, Headers(headers, frozenset()), body, time.time_ns(), 0.0, TraceRef("", ""))
    request = request_of(inbound, Principal("", team), owner, snapshot, tree)
    found = anyio.run(partial(labelled, request, MemorySessions(SystemClock()), Salt(b""), keep=False))
    return gather(request, task_of(request), found, Standing(), Salt(b""))
