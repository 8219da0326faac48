"""Attempt after attempt, within what the decision permits, until content flows or nothing is left."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import anyio

from gateway.domain.chain import AttemptKind
from gateway.domain.decision import Ranked, Reason
from gateway.domain.errors import BudgetExceeded, LedgerUnavailable, NoPermittedRoute, StateLost
from gateway.domain.target import Target
from gateway.failover.plan import Failure, Option, Tried, next_attempt
from gateway.pipeline import headers
from gateway.pipeline.answered import Answered
from gateway.pipeline.booking import Attempt, Booking
from gateway.pipeline.case import Case, advice
from gateway.pipeline.deadline import Deadline, effective
from gateway.pipeline.failures import AttemptFailed, final_error, from_broken, from_status
from gateway.pipeline.masking import Masked, masked
from gateway.pipeline.meter import Meter
from gateway.pipeline.permit import Permit, permit
from gateway.pipeline.relay import Relay, read_all
from gateway.pipeline.world import Deadlines, World
from gateway.ports import Responder, UpstreamAnswer, UpstreamBroken, UpstreamCall
from gateway.wire.body import serialise
from gateway.wire.rewrite import apply_params

ERROR_BODY_BYTES: Final = 64 * 1024
_NOT_WORKED_ON: Final = frozenset({Failure.CALLER, Failure.SATURATED, Failure.CREDENTIALS})
"""Refusals, also where they come inside a 200: without content and usage nothing was used."""


class Dispatch:
    """Runs the attempts of one request."""

    def __init__(self, case: Case, world: World, booking: Booking, respond: Responder) -> None:
        self._case = case
        self._world = world
        self._booking = booking
        self._respond = respond
        self._tried: list[Tried] = []
        self._refused: BudgetExceeded | StateLost | LedgerUnavailable | None = None
        self._withdrawn = False
        self._permit = Permit(case.facts.label)
        self._masked: Masked | None = None

    async def run(self) -> None:
        """Serve the request.

        Raises:
            GatewayError: no attempt succeeded and nothing was sent to the client.
        """
        case, world = self._case, self._world
        options = self._options()
        end = anyio.current_time() + world.deadlines.total
        last: AttemptFailed | None = None
        while choice := next_attempt(options, self._tried, end - anyio.current_time()):
            target_id, endpoint = choice
            ranked = next(ranked for ranked in case.decision.ranked if ranked.target == target_id)
            if not await self._may_go(case.target(ranked)):
                options = [option for option in options if option.target != target_id]
                self._withdrawn = True
                continue
            try:
                attempt = await self._booking.start(ranked, endpoint, self._kind(target_id))
            except (BudgetExceeded, StateLost, LedgerUnavailable) as refused:
                options = self._without_paid(options, target_id, refused)
                continue
            last = await self._attempt(ranked, endpoint, attempt, end)
            if last is None:
                return
            self._tried.append(Tried(target_id, endpoint, last.failure))
        if last is None and self._refused is not None:
            raise self._refused
        if last is None and self._withdrawn:
            raise NoPermittedRoute(
                "no target may take this request any more: its conversation became more sensitive, an exception ended, "
                f"or masking left something in it{advice(case) or '; send it again without what the evidence names'}",
                case.decision.dropped,
                case.evidence,
            )
        raise final_error(self._tried, last, self._unavailable())

    async def _may_go(self, target: Target) -> bool:
        """Ask for the target's leave to see the request, and mask the request if that is how it may."""
        permitted = await permit(self._case, target, self._world)
        if permitted is None:
            return False
        self._permit, self._masked = permitted, None
        if permitted.masked:
            self._masked = await masked(self._case, target, permitted, self._world.salt.key)
        return self._masked is not None or not permitted.masked

    async def _attempt(self, ranked: Ranked, endpoint: str, attempt: Attempt, end: float) -> AttemptFailed | None:
        """Make one attempt; return how it failed, None if the client got an answer (or the error of a late failure)."""
        world, target, meter = self._world, self._case.target(ranked), attempt.meter
        times = effective(target, world.deadlines)
        vault = None if self._masked is None else self._masked.vault
        closed = target.zone == "closed"
        answered = Answered(self._case, target, world, vault) if closed or vault else None
        relay = Relay(self._case, target, self._booking, meter, self._respond, answered=answered, vault=vault)
        relay.reason, relay.rule = self._reason(ranked)
        failed: AttemptFailed | None = None
        world.board.started(target, endpoint)
        finished = False
        try:
            now = anyio.current_time()
            end = end if target.timeouts.total is None else now + target.timeouts.total
            first = times.first_token if self._case.shape.stream else times.total
            with anyio.CancelScope(deadline=min(end, now + first)) as scope:
                deadline = Deadline(scope, times.idle, end, asyncio.get_running_loop().time)
                try:
                    await self._exchange(relay, attempt, endpoint, deadline, times)
                except UpstreamBroken as broken:
                    failed = from_broken(broken)
                except AttemptFailed as error:
                    failed = error
                    if error.failure in _NOT_WORKED_ON and meter.first_content is None:
                        meter.accepted = meter.may_have_run = False
            if scope.cancelled_caught:
                failed = await self._timed_out(relay, attempt)
            finished = True
        finally:
            if answered is not None:
                await answered.last_words()
            if vault is not None:
                vault.wipe()
            world.board.ended(
                target,
                endpoint,
                failed=_verdict(failed, meter, finished=finished),
                retry_after=failed.retry_after if failed else None,
                ttft=meter.ttft if finished else None,
            )
        if failed is not None:
            await self._booking.settle(failed.outcome, failed.status)
        return failed

    async def _exchange(
        self, relay: Relay, attempt: Attempt, endpoint: str, deadline: Deadline, times: Deadlines
    ) -> None:
        case, meter = self._case, attempt.meter
        call, relay.dropped = self._call(attempt, endpoint, times.connect)
        meter.may_have_run = True
        try:
            async with self._world.upstream.open(call) as answer:
                if answer.head.status != HTTPStatus.OK:
                    meter.may_have_run = False
                    raise from_status(answer.head, await read_all(answer, ERROR_BODY_BYTES))
                _check_content_type(answer, stream=case.shape.stream)
                meter.accepted = True
                if case.shape.stream:
                    await relay.stream(answer, deadline)
                else:
                    await relay.whole(answer, deadline, self._world.limits.answer_bytes)
        except UpstreamBroken as broken:
            meter.may_have_run = broken.sent
            raise

    async def _timed_out(self, relay: Relay, attempt: Attempt) -> AttemptFailed | None:
        if relay.started:
            await relay.fail("the upstream stopped sending", "upstream_timeout")
            return None
        return AttemptFailed(
            Failure.TIMEOUT, "no answer in time", status=HTTPStatus.OK if attempt.meter.accepted else 0
        )

    def _call(self, attempt: Attempt, endpoint: str, connect: float) -> tuple[UpstreamCall, tuple[str, ...]]:
        """Return what is sent to a target, and the names of the request fields that were removed on the way."""
        case = self._case
        target = case.snapshot.targets[attempt.record.target]
        dialect = case.inbound.dialect
        label, tree = self._permit.label, case.tree
        if self._masked is not None:
            label, tree = self._masked.label, self._masked.tree
        tree, dropped = apply_params(dialect.prepare(tree, target.model), target.params)
        call = UpstreamCall(
            target=target,
            endpoint=endpoint,
            path=dialect.path,
            body=serialise(tree),
            headers=headers.outgoing(case, attempt.record.span, closed=target.zone == "closed"),
            label=label,
            policy=case.decision.policy,
            decision=case.inbound.id,
            attempt=attempt.record.id,
            connect_timeout=connect,
            team=case.team.id,
            kind=self._kind(target.id),
            exceptions=self._permit.exceptions,
        )
        return call, (*case.stripped, *dropped)

    def _kind(self, target: str) -> AttemptKind:
        """Return why the next attempt, or the one that runs, is made."""
        if not self._tried:
            return "primary"
        return "retry" if any(tried.target == target for tried in self._tried) else "failover"

    def _options(self) -> list[Option]:
        case, board = self._case, self._world.board
        affinity = case.facts.session or case.facts.conversation
        return [
            Option(ranked.target, board.endpoints(case.target(ranked), affinity)) for ranked in case.decision.ranked
        ]

    def _without_paid(
        self, options: Sequence[Option], target: str, refused: BudgetExceeded | StateLost | LedgerUnavailable
    ) -> list[Option]:
        """Return the options that go on where a target was refused, or give up if that is the rule of what refused.

        Raises:
            BudgetExceeded: a budget that covers the refused target says ``reject``.
            StateLost: nothing goes on while nobody knows what is left.
            LedgerUnavailable: nothing goes on that cannot be recorded.
        """
        world, instead = self._world, ""
        if isinstance(refused, BudgetExceeded):
            ends = refused.budget is None or refused.budget.on_exhausted == "reject"
            instead = refused.budget.downgrade if refused.budget is not None else ""
        else:
            ends = (world.on_state_lost if isinstance(refused, StateLost) else world.on_ledger_lost) == "reject"
        if ends:
            raise refused
        self._refused = refused
        targets = self._case.snapshot.targets
        rest = [one for one in options if one.target == instead or targets[one.target].zone == "local"]
        return sorted([one for one in rest if one.target != target], key=lambda one: one.target != instead)

    def _unavailable(self) -> list[str]:
        case, board = self._case, self._world.board
        return [f"{ranked.target}: {board.why_unavailable(case.target(ranked))}" for ranked in case.decision.ranked]

    def _reason(self, ranked: Ranked) -> tuple[Reason | None, str]:
        """Return why this target serves if it is not the decision's first, and the rule that says so."""
        first = self._case.decision.ranked[0]
        if ranked.target == first.target:
            return None, ""
        if self._withdrawn and not self._tried:
            return "sensitivity", "clearance"
        if self._tried:
            return "failover", "failover"
        if self._refused is not None and not isinstance(self._refused, LedgerUnavailable):
            return "budget", "budget"
        why = self._world.board.why_unavailable(self._case.target(first))
        return ("spillover", "load") if why == "saturated" else ("failover", "health")


def _verdict(failed: AttemptFailed | None, meter: Meter, *, finished: bool) -> bool | None:
    """Return whether the endpoint failed; None if the attempt tells nothing of it.

    A client that hangs up on a silent server has not proved it healthy, and the egress's refusal says nothing of the
    vendor behind it.
    """
    if failed is not None:
        return None if failed.failure is Failure.EGRESS else failed.failure is not Failure.CALLER
    return False if finished or meter.first_content is not None else None


def _check_content_type(answer: UpstreamAnswer, *, stream: bool) -> None:
    """Refuse an answer that is not of the kind that was asked for.

    Raises:
        AttemptFailed: it is HTML, say.
    """
    content_type = answer.head.headers.get("content-type", "").partition(";")[0].strip().lower()
    expected = "text/event-stream" if stream else "application/json"
    if content_type != expected:
        raise AttemptFailed(Failure.BROKEN, "the upstream's answer is of the wrong content type", status=200)
