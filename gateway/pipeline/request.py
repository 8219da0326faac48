"""A request as it came in: parsed once, owner known, nothing decided yet."""

from dataclasses import dataclass
from typing import Final

from gateway.domain.team import Team
from gateway.pipeline.inbound import Inbound
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import Principal
from gateway.scanning import off_loop
from gateway.wire.body import Tree, parse, serialise
from gateway.wire.dialect import RequestShape
from gateway.wire.remote import refuse_private
from gateway.wire.reserved import strip

LONGEST_TASK: Final = 64
"""It is stored in the ledger and groups reports: a word, not a text."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is requested, by whom, and under which policy."""

    inbound: Inbound
    principal: Principal
    team: Team
    snapshot: PolicySnapshot
    """The policy that was active when the request arrived; a reload does not change it."""
    tree: Tree
    """The body without reserved fields."""
    shape: RequestShape
    body: bytes
    """The tree as JSON, serialised once."""
    stripped: tuple[str, ...] = ()
    """Reserved fields that were removed."""


async def read_request(
    inbound: Inbound, principal: Principal, team: Team, snapshot: PolicySnapshot, depth: int
) -> Request:
    """Parse a body and return its request; a long one in a thread, so that no other call waits for it.

    Raises:
        InvalidRequest: it is not JSON as :func:`gateway.wire.body.parse` accepts it, or see :func:`request_of`.
    """

    def read() -> Request:
        return request_of(inbound, principal, team, snapshot, parse(inbound.body, max_depth=depth))

    return await off_loop(read, len(inbound.body))


def request_of(inbound: Inbound, principal: Principal, team: Team, snapshot: PolicySnapshot, tree: Tree) -> Request:
    """Return the request that a parsed body makes.

    Raises:
        InvalidRequest: it names a private address for the vendor to fetch, or its shape cannot be read.
    """
    tree, stripped = strip(tree)
    refuse_private(tree)
    return Request(inbound, principal, team, snapshot, tree, inbound.dialect.shape(tree), serialise(tree), stripped)


def task_of(request: Request) -> str:
    """Return the task that the caller declares, or that policy derives."""
    headers, principal = request.inbound.headers, request.principal
    return request.snapshot.task_for(
        header=(headers.get("x-gateway-task") or "").strip()[:LONGEST_TASK],
        user_agent=headers.get("user-agent") or "",
        team=principal.team,
        model=request.shape.model,
        key=principal.key,
    )
