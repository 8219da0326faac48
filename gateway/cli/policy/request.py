"""The facts of a request in a file: gathered by the very code that gathers them for a call."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import anyio

from gateway.bootstrap.child import SystemClock
from gateway.domain.facts import Facts
from gateway.domain.records import TraceRef
from gateway.estimation.typical import Typical
from gateway.pipeline.gather import Gathering, gather
from gateway.pipeline.inbound import Headers, Inbound
from gateway.pipeline.label import Asked, labelled
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.salt import Salt
from gateway.policy.snapshot import Snapshot
from gateway.ports import Principal
from gateway.stores.sessions.memory import MemorySessions
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.body import parse, serialise
from gateway.wire.openai_chat import OpenAIChat
from gateway.wire.reserved import strip

MAX_DEPTH = 64


class _Nothing:
    """Neither latencies nor what is spent are known outside of a running gateway."""

    def latency_ms(self, targets: Sequence[str]) -> tuple[tuple[str, int], ...]:  # noqa: ARG002 -- the port's signature
        return ()

    def used(self, counter: str) -> tuple[int, int]:  # noqa: ARG002 -- likewise
        return 0, 0


@dataclass(frozen=True, slots=True)
class _Around:
    salt: Salt = Salt(b"")
    board: _Nothing = _Nothing()
    state: _Nothing = _Nothing()
    typical: Typical = field(default_factory=Typical)
    pacing: Pacing = field(default_factory=Pacing)


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
    found = anyio.run(partial(labelled, asked, snapshot, MemorySessions(SystemClock()), Salt(b""), keep=False))
    known = Gathering(asked, replace(owner, budgets=(), rate_limits=()), found, len(serialise(tree)))
    return gather(known, snapshot, _Around())
