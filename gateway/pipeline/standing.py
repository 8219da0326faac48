"""What the process knows at the moment of a decision: money left, recent latency, usual output, pace of budgets.

Read once a request and without a trace. :func:`commit` keeps what the next decisions depend on; a dry run does not
call it.
"""

from collections.abc import Sequence

from msgspec import Struct

from gateway.domain.budget import Account
from gateway.domain.facts import Facts
from gateway.pipeline.payment import least_left, paying, used
from gateway.pipeline.request import Request
from gateway.pipeline.world import World


class Standing(Struct, frozen=True):
    """Facts that do not come from the request; all fields but the last are those of the facts."""

    budget_left_nanos: int | None = None
    used: tuple[tuple[str, int], ...] = ()
    latency_ms: tuple[tuple[str, int], ...] = ()
    typical: tuple[tuple[str, int], ...] = ()
    pace: tuple[tuple[str, int], ...] = ()
    governed: tuple[str, ...] = ()
    paid: tuple[Account, ...] = ()
    """The accounts that the call is charged to."""


def standing(request: Request, task: str, world: World) -> Standing:
    """Return the state of the request's budgets and candidates; ``task``: the request's."""
    snapshot, at_ns = request.snapshot, request.inbound.received_ns
    paid = paying(request.team, request.principal.key, at_ns)
    pace: tuple[tuple[str, int], ...] = ()
    governed: frozenset[str] = frozenset()
    if paid and snapshot.governors:
        pace, governed = world.pacing.facts(paid, snapshot.governors, world.state, at_ns)
    return Standing(
        budget_left_nanos=least_left(paid, world.state) if paid else None,
        used=used(paid, world.state) if paid else (),
        latency_ms=world.board.latency_ms(sorted(snapshot.targets)) if snapshot.orders_by_latency else (),
        typical=_typical(request, task, world) if _guesses(request, paid) else (),
        pace=pace,
        governed=tuple(sorted(governed)) if governed else (),
        paid=paid,
    )


def commit(request: Request, facts: Facts, paid: Sequence[Account], world: World) -> None:
    """Remember the pace of the budgets and the active governors, once the request was decided."""
    snapshot = request.snapshot
    if snapshot.governors and paid:
        world.pacing.note(paid, world.state, request.inbound.received_ns)
        world.pacing.remember(snapshot.governors, facts, paid)


def _guesses(request: Request, paid: Sequence[Account]) -> bool:
    """Return whether anything is held or counted by what calls usually take."""
    limits = request.team.rate_limits
    loose = [account for account in paid if not account.budget.strict]
    return bool(loose) or any(one.tokens is not None for one in limits)


def _typical(request: Request, task: str, world: World) -> tuple[tuple[str, int], ...]:
    model, team, output = request.snapshot.model_for(request.shape.model), request.team.id, world.typical.output
    names = request.snapshot.reachable[model.name] if model else ()
    return tuple([(name, output(team, task, name)) for name in names])
