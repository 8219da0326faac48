"""What one attempt sends: to which target, why, under which label, masked or not."""

from msgspec import Struct

from gateway.domain.chain import AttemptKind
from gateway.domain.decision import Ranked, Reason
from gateway.domain.records import AttemptStarted
from gateway.domain.target import Target
from gateway.pipeline import headers
from gateway.pipeline.case import Case
from gateway.pipeline.masking import Masked, masked
from gateway.pipeline.permit import Permit, permit
from gateway.pipeline.spoken import Spoken
from gateway.pipeline.world import World
from gateway.ports import UpstreamCall
from gateway.sensitivity.vault import Vault
from gateway.wire.body import serialise
from gateway.wire.rewrite import apply_params


class Sending(Struct, frozen=True):
    """A target that may see the request now, and how."""

    ranked: Ranked
    target: Target
    endpoint: str
    kind: AttemptKind
    permit: Permit
    spoken: Spoken
    masked: Masked | None = None
    reason: Reason | None = None
    """Why this target serves if it is not the decision's first; None if it is."""
    rule: str = ""

    @property
    def vault(self) -> Vault | None:
        """The values that the target does not see; None if nothing is masked."""
        return None if self.masked is None else self.masked.vault

    def wipe(self) -> None:
        """Forget the masked values."""
        if self.masked is not None:
            self.masked.vault.wipe()

    def call(self, case: Case, record: AttemptStarted, connect: float) -> tuple[UpstreamCall, tuple[str, ...]]:
        """Return what is sent, and the names of the request fields that were removed on the way."""
        dialect = self.spoken.dialect
        label = self.permit.label if self.masked is None else self.masked.label
        tree, dropped = apply_params(dialect.prepare(self.spoken.tree, self.target.model), self.target.params)
        call = UpstreamCall(
            target=self.target,
            endpoint=self.endpoint,
            path=dialect.path,
            body=serialise(tree),
            headers=headers.outgoing(case, record.span, dialect, closed=self.target.zone == "closed"),
            label=label,
            policy=case.decision.policy,
            decision=case.inbound.id,
            attempt=record.id,
            connect_timeout=connect,
            team=case.team.id,
            kind=self.kind,
            exceptions=self.permit.exceptions,
            masked=self.masked is not None,
        )
        return call, (*case.request.stripped, *self.spoken.lost, *dropped)


async def permitted_copy(case: Case, target: Target, world: World) -> tuple[Permit, Masked | None] | None:
    """Return how the target may see the request now, with its masked copy if it needs one; None if it may not."""
    granted = await permit(case, target, world)
    if granted is None or not granted.masked:
        return None if granted is None else (granted, None)
    copy = await masked(case, target, granted, world.salt.key)
    return None if copy is None else (granted, copy)
