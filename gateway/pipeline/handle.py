"""The request path, one line per step: read this first."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from gateway.domain.admission import Window
from gateway.domain.errors import GatewayError, ModelNotFound, NoPermittedRoute
from gateway.domain.facts import canonical, digest
from gateway.domain.records import DecisionMade
from gateway.domain.team import Team
from gateway.pipeline.authenticate import authenticate, team_of
from gateway.pipeline.booking import Booking
from gateway.pipeline.case import Case
from gateway.pipeline.deepen import deepened
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.dry_run import dry_run
from gateway.pipeline.finishing import finished_of
from gateway.pipeline.gather import gather
from gateway.pipeline.headers import decided, rate_headers, request_ids
from gateway.pipeline.inbound import Inbound
from gateway.pipeline.label import Labelled, labelled
from gateway.pipeline.payment import exhausted
from gateway.pipeline.refused import message
from gateway.pipeline.request import Request, read_request, task_of
from gateway.pipeline.standing import commit, standing
from gateway.pipeline.world import World
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.refusal import refusal, refusing
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import Principal, Responder
from gateway.telemetry.exchange import Exchange
from gateway.wire.errors import envelope, error_headers, status_for, status_of

DRY_RUN_HEADER = "x-gateway-dry-run"


@dataclass(slots=True)
class Progress:
    """How far a call came: what an error may contain, and who called."""

    case: Case | None = None
    booking: Booking | None = None
    team: str = ""
    started: bool = False

    @property
    def windows(self) -> Sequence[Window]:
        """The caller's rate limits, once they are known."""
        return () if self.booking is None else self.booking.windows


async def handle(inbound: Inbound, world: World, respond: Responder) -> None:
    """Serve one call. Every error is answered in the caller's dialect; none is raised but bugs and cancellation.

    Raises:
        ClientStalled: the client stopped reading; the edge must cut the connection.
        LedgerUnavailable: the answer had begun and its end could not be booked; the edge must cut the connection.
    """
    progress = Progress()
    try:
        await _serve(inbound, world, _Watched(respond, progress, inbound), progress)
    except GatewayError as error:
        if progress.started:
            raise
        if progress.case is None:
            world.observer.refused(inbound.dialect.name, error.code, progress.team, inbound.id)
        await _refuse(error, inbound, progress.case, progress.windows, respond)


async def counted(inbound: Inbound, world: World, respond: Responder) -> None:
    """Answer about how many tokens a request has, by our own estimate: nothing is sent, held or recorded."""
    try:
        snapshot = world.policy()
        principal, team = _caller(inbound, world, snapshot)
        request = await read_request(inbound, principal, team, snapshot, world.limits.depth)
        found = await labelled(request, world.sessions, world.salt, keep=False, reader=world.documents)
        body = orjson.dumps({"input_tokens": _case(request, found, world).facts.input_tokens})
    except GatewayError as error:
        await _refuse(error, inbound, None, (), respond)
        return
    fields = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await respond.start(200, [*fields, *request_ids(inbound.id), (b"x-gateway-estimated", b"true")])
    await respond.finish(body)


async def _serve(inbound: Inbound, world: World, respond: Responder, progress: Progress) -> None:
    snapshot = world.policy()
    principal, team = _caller(inbound, world, snapshot)
    progress.team = team.id
    request = await read_request(inbound, principal, team, snapshot, world.limits.depth)
    if snapshot.model_for(request.shape.model) is None:
        raise ModelNotFound(f"no model `{request.shape.model}` here; GET /v1/models lists those that this key may use")
    dry = (inbound.headers.get(DRY_RUN_HEADER) or "").strip().lower() == "true"
    case = progress.case = await _decided(request, world, dry=dry)
    if dry:
        await dry_run(case, world.board, respond)
        return
    commit(request, case.facts, case.paid, world)
    _permitted(case, world)
    async with Booking(case, world) as booking:
        progress.booking = booking
        await Dispatch(case, world, booking, respond).run()


def _caller(inbound: Inbound, world: World, snapshot: PolicySnapshot) -> tuple[Principal, Team]:
    """Return who calls, and the team under the policy of this call.

    Raises:
        NotAuthenticated: see :func:`authenticate`.
    """
    if inbound.principal is not None:
        return inbound.principal, team_of(inbound.principal, snapshot.teams)
    return authenticate(inbound.headers, world.keys, snapshot.teams, inbound.received_ns / 1e9)


async def _decided(request: Request, world: World, *, dry: bool) -> Case:
    """Label and decide; once more after tier 2, if the request would be sent to a vendor."""
    found = await labelled(request, world.sessions, world.salt, keep=not dry, reader=world.documents)
    case = _case(request, found, world)
    if case.decision.ranked and case.decision.ranked[0].zone == "closed":
        deeper = await deepened(found, request, world)
        if deeper is not found:
            return _case(request, deeper, world)
    return case


def _case(request: Request, found: Labelled, world: World) -> Case:
    task = task_of(request)
    now = standing(request, task, world)
    facts = gather(request, task, found, now, world.salt)
    data = facts.as_json()
    decision = decide(request.snapshot, facts, digest(canonical(data)))
    inbound = request.inbound
    made = DecisionMade(
        id=inbound.id,
        at=inbound.received_ns,
        decided_at=world.clock.wall_ns(),
        instance=world.instance,
        team=request.team.id,
        key=request.principal.key,
        policy=decision.policy,
        facts=data,
        decision=decision.as_json(),
        evidence=[finding.as_json() for finding in found.findings],
        trace=inbound.trace,
        cost_center=request.team.cost_center,
    )
    return Case.of(request, found, facts, decision, made, now.paid)


def _permitted(case: Case, world: World) -> None:
    """Let a permitted request pass; record and refuse another.

    Raises:
        NoPermittedRoute: hard rules dropped every candidate.
        BudgetExceeded: the team's budget did, or it says ``reject`` and the request would have been sent to a target
            that it covers.
    """
    decision = case.decision
    refused = refusal(case.snapshot, decision, case.facts)
    if refused is None:
        return
    error: GatewayError
    if refused == "budget_exceeded":
        error = exhausted(
            case.team, case.facts, refusing(case.snapshot, decision, case.facts), case.inbound.received_ns
        )
    else:
        error = NoPermittedRoute(message(case), decision.dropped, case.evidence)
    finished = finished_of(case, (), world.clock.wall_ns(), status=status_of(error), error=error.code)
    world.spool.append(case.made, finished)
    world.observer.exchange(Exchange(case.made, (), finished))
    raise error


async def _refuse(
    error: GatewayError, inbound: Inbound, case: Case | None, windows: Sequence[Window], respond: Responder
) -> None:
    fields = decided(case) if case else [(b"x-gateway-decision-id", inbound.id.encode())]
    agent = inbound.headers.get("user-agent") or ""
    body = envelope(inbound.dialect, error, inbound.id, agent)
    fields += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    status = status_for(error, agent)
    fields += [*request_ids(inbound.id), *rate_headers(windows, inbound), *error_headers(error, status)]
    await respond.start(status, fields)
    await respond.finish(body)


class _Watched:
    """Notes that the answer has begun: from then on an error cannot have a status of its own."""

    def __init__(self, respond: Responder, progress: Progress, inbound: Inbound) -> None:
        self._inbound = inbound
        self._respond = respond
        self._progress = progress
        self.send = respond.send
        self.line = respond.line
        self.finish = respond.finish

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._progress.started = True
        await self._respond.start(status, self._with_rates(headers))

    async def whole(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        self._progress.started = True
        await self._respond.whole(status, self._with_rates(headers), body)

    def _with_rates(self, headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
        windows = self._progress.windows
        return [*headers, *rate_headers(windows, self._inbound)] if windows else headers
