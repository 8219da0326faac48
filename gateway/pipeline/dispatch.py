"""Makes attempts at permitted targets, one after the other, until content arrives or no target is left."""

import asyncio
from collections.abc import Sequence

from gateway.domain.chain import AttemptKind
from gateway.domain.decision import Ranked, Reason
from gateway.domain.errors import BudgetExceeded, GatewayError, LedgerUnavailable, NoPermittedRoute, StateLost
from gateway.failover.plan import Option, Tried, next_attempt
from gateway.pipeline.attempting import Attempting
from gateway.pipeline.booking import Booking
from gateway.pipeline.case import Case
from gateway.pipeline.failures import AttemptFailed, final_error
from gateway.pipeline.outcome import FailedEarly
from gateway.pipeline.refused import advice, found
from gateway.pipeline.sending import Sending, permitted_copy
from gateway.pipeline.spoken import spoken
from gateway.pipeline.world import World
from gateway.ports import Responder
from gateway.wire.translate.hub import Unsupported


class Dispatch:
    """Runs the attempts of one request."""

    def __init__(self, case: Case, world: World, booking: Booking, respond: Responder) -> None:
        self._case = case
        self._world = world
        self._booking = booking
        self._respond = respond
        self._tried: list[Tried] = []
        self._last: AttemptFailed | None = None
        self._refused: BudgetExceeded | StateLost | LedgerUnavailable | None = None
        self._withdrawn = False
        self._unsupported: Unsupported | None = None

    async def run(self) -> None:
        """Serve the request.

        Raises:
            GatewayError: no attempt succeeded and nothing was sent to the client.
            ClientStalled: the client stopped reading; its connection must be cut.
        """
        options = self._options()
        now = asyncio.get_running_loop().time
        end = now() + self._world.deadlines.total
        while choice := next_attempt(options, self._tried, end - now()):
            try:
                sending = await self._sending(*choice)
            except Unsupported as unsupported:
                self._unsupported = unsupported
                options = [option for option in options if option.target != choice[0]]
                continue
            if sending is None:
                options = [option for option in options if option.target != choice[0]]
                self._withdrawn = True
                continue
            try:
                if await self._sent(sending, end):
                    return
            except _Refusal as refusal:
                options = self._without_paid(options, sending.target.id, refusal.error)
            finally:
                sending.wipe()
        raise self._spent()

    async def _sending(self, target_id: str, endpoint: str) -> Sending | None:
        """Re-check that the target may see the request, and mask it if required; None if it may not.

        Raises:
            Unsupported: it cannot be said in a dialect of the target.
        """
        ranked = next(ranked for ranked in self._case.decision.ranked if ranked.target == target_id)
        target = self._case.target(ranked)
        found = await permitted_copy(self._case, target, self._world)
        if found is None:
            return None
        granted, copy = found
        try:
            said = await spoken(self._case, target, self._case.tree if copy is None else copy.tree)
        except BaseException:
            if copy is not None:
                copy.vault.wipe()
            raise
        return Sending(ranked, target, endpoint, self._kind(target_id), granted, said, copy, *self._reason(ranked))

    async def _sent(self, sending: Sending, end: float) -> bool:
        """Make one attempt; return False if another may follow.

        Raises:
            _Refusal: nothing was sent, because it cannot be paid or recorded.
        """
        try:
            attempt = await self._booking.start(sending.ranked, sending.endpoint, sending.kind)
        except (BudgetExceeded, StateLost, LedgerUnavailable) as refused:
            raise _Refusal(refused) from refused
        outcome = await Attempting(self._case, self._world, self._booking, self._respond, sending).run(attempt, end)
        if not isinstance(outcome, FailedEarly):
            return True
        self._last = outcome.failed
        self._tried.append(Tried(sending.target.id, sending.endpoint, outcome.failed.failure))
        return False

    def _spent(self) -> GatewayError:
        """Return the error once no attempt is left."""
        case = self._case
        if self._last is None and self._refused is not None:
            return self._refused
        if self._last is None and self._withdrawn:
            places = found(case)
            return NoPermittedRoute(
                "no target is permitted for this request any more: its conversation became more sensitive, "
                "an exception ended, or masking could not replace everything"
                + (f"; it holds {places}" if places else "")
                + (advice(case, places=places) or ". Send it again in a new session"),
                case.decision.dropped,
                case.evidence,
            )
        if self._last is None and self._unsupported is not None:
            return self._unsupported
        return final_error(self._tried, self._last, self._unavailable())

    def _kind(self, target: str) -> AttemptKind:
        """Return why the next attempt, or the one that runs, is made."""
        if not self._tried:
            return "primary"
        return "retry" if any(tried.target == target for tried in self._tried) else "failover"

    def _options(self) -> list[Option]:
        case, endpoints = self._case, self._world.board.endpoints
        affinity, targets = case.facts.session or case.facts.conversation, case.snapshot.targets
        return [Option(ranked.target, endpoints(targets[ranked.target], affinity)) for ranked in case.decision.ranked]

    def _without_paid(
        self, options: Sequence[Option], target: str, refused: BudgetExceeded | StateLost | LedgerUnavailable
    ) -> list[Option]:
        """Return what is still allowed after a refusal by budget, state or ledger; re-raise if policy says `reject`.

        Raises:
            BudgetExceeded: a budget that covers the refused target says ``reject``.
            StateLost: nothing goes on while it is unknown what is left.
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
        if self._unsupported is not None:
            return "capability", "dialect"
        if self._refused is not None and not isinstance(self._refused, LedgerUnavailable):
            return "budget", "budget"
        why = self._world.board.why_unavailable(self._case.target(first))
        return ("spillover", "load") if why == "saturated" else ("failover", "health")


class _Refusal(Exception):
    """An attempt was not started: it cannot be paid or recorded."""

    def __init__(self, error: BudgetExceeded | StateLost | LedgerUnavailable) -> None:
        super().__init__(error.code)
        self.error = error
