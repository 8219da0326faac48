"""The facts of a request in a file: gathered by the very code that gathers them for a call."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import anyio

from gateway.bootstrap.child import SystemClock
from gateway.domain.facts import Facts
from gateway.domain.money import Nanos
from gateway.domain.records import TraceRef
from gateway.pipeline.gather import Gathering, gather
from gateway.pipeline.inbound import Headers, Inbound
from gateway.pipeline.label import Asked, labelled
from gateway.pipeline.salt import Salt
from gateway.policy.snapshot import Snapshot
from gateway.ports import Principal
from gateway.stores.sessions_memory import MemorySessions
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.body import parse, serialise
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.reserved import strip

MAX_DEPTH = 64
_NO_SALT = Salt(b"")


class _NoBudget:
    """No budget is known outside of a running gateway."""

    def left(self, team: str) -> Nanos | None:  # noqa: ARG002 -- the port's signature
        return None


class _NoLatency:
    """No latency is known outside of a running gateway."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:  # noqa: ARG002
        return ()


def facts_of_request(
    body: bytes, snapshot: Snapshot, *, team: str, model: str | None, dialect: str, headers: dict[str, str]
) -> Facts:
    """Return the facts of a request body as a call of this team with these headers would have them.

    Raises:
        InvalidRequest: a call with this body would be refused.
        KeyError: the policy has no such team.
    """
    speaks = AnthropicMessages() if dialect == AnthropicMessages.name else OpenAIChat()
    tree, _ = strip(parse(body, max_depth=MAX_DEPTH))
    if model:
        tree["model"] = model
    owner = snapshot.teams[team]
    inbound = Inbound("", speaks, Headers(headers, frozenset()), body, time.time_ns(), 0.0, TraceRef("", ""))
    asked = Asked(inbound, speaks.shape(tree), tree, Principal("", team))
    found = anyio.run(partial(labelled, asked, snapshot, MemorySessions(SystemClock()), _NO_SALT, keep=False))
    known = Gathering(asked, replace(owner, budget=None), found, len(serialise(tree)))
    return gather(known, snapshot, _NoBudget(), _NoLatency(), _NO_SALT)
