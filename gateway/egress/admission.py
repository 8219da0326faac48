"""Admission: the ticket is valid, unused, for this instance, and the target may still see the label."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.exceptions import PolicyException
from gateway.domain.target import Target
from gateway.policy.permission import excepting
from gateway.policy.snapshot import PolicySnapshot
from gateway.ticket.claims import Claims, Sending, TicketKey, TicketRefused, verify

SWEEP_EVERY: Final = 256
KEPT_LONGER_S: Final = 60.0
"""Used ids outlive their tickets, so that a clock that is set back a little lets none be used twice."""


class EgressRefused(Exception):
    """The call is not sent. ``code`` is returned to the edge as ``x-egress-outcome: refused:<code>``.

    ``claims`` are there if the ticket is one of ours: then the refusal is recorded in the chain.
    """

    def __init__(self, code: str, claims: Claims | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.claims = claims


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that its ticket and target permit; its body is still to be scanned."""

    claims: Claims
    target: Target
    """This instance's own idea of it."""
    exception: str = ""
    """The exception by which this target may see the label."""
    observed: bool = False
    """The target may not see the label, but the team is only observed."""


class TicketGate:
    """Checks tickets. One an instance: it remembers which tickets it has seen until they expire."""

    def __init__(
        self,
        instance: str,
        keys: Sequence[TicketKey],
        policy: Callable[[], PolicySnapshot],
        credentials: Mapping[str, str],
        now: Callable[[], float],
    ) -> None:
        """Take the instance's name, the signing keys, the policies it loaded itself, and its vendor keys by name."""
        self.instance = instance
        self._keys = keys
        self._policy = policy
        self._credentials = credentials
        self._now = now
        self._seen: dict[str, float] = {}
        self._admitted = 0

    def admit(self, ticket: str | None, sending: Sending) -> Admitted:
        """Return what the ticket says and this instance's own idea of the target; the ticket is used up.

        Raises:
            Refused: the ticket or the target is not good; nothing was sent.
        """
        now = self._now()
        try:
            claims = verify(ticket, self._keys, sending, self.instance, now)
        except TicketRefused as refused:
            raise EgressRefused(refused.code, refused.claims) from refused
        if claims.jti in self._seen:
            raise EgressRefused("replayed", claims)
        self._remember(claims, now)
        snapshot = self._policy()
        target = snapshot.targets.get(claims.target)
        if target is None or target.zone != "closed":
            raise EgressRefused("unknown_target", claims)
        admitted = _cleared(claims, target, snapshot, now)
        if not self.has_credentials(target):
            raise EgressRefused("no_credentials", claims)
        return admitted

    def has_credentials(self, target: Target) -> bool:
        """Return whether the target's vendor key is here; a target that names none needs none from us."""
        return target.api_key_env is None or bool(self.credential(target))

    def credential(self, target: Target) -> str | None:
        """Return the target's vendor key."""
        value = self._credentials.get(target.api_key_env or "")
        return value and value.strip()  # mounted secrets like to end in a line feed, which no header may hold

    def ready_targets(self) -> list[str]:
        """Return the closed targets whose key is here, sorted."""
        targets = self._policy().targets.values()
        return sorted(target.id for target in targets if target.zone == "closed" and self.has_credentials(target))

    def _remember(self, claims: Claims, now: float) -> None:
        self._seen[claims.jti] = claims.expires
        self._admitted += 1
        if self._admitted % SWEEP_EVERY == 0:
            self._seen = {jti: expires for jti, expires in self._seen.items() if expires + KEPT_LONGER_S > now}


def held(snapshot: PolicySnapshot, claims: Claims, now: float) -> tuple[PolicyException, ...]:
    """Return those of the ticket's exceptions that this policy has too, and that hold now for its team."""
    team = snapshot.teams.get(claims.team)
    if team is None or not claims.exceptions:
        return ()
    return tuple(one for one in team.exceptions if one.id in claims.exceptions and one.holds(claims.team, int(now)))


def _cleared(claims: Claims, target: Target, snapshot: PolicySnapshot, now: float) -> Admitted:
    """Let a label pass that the target's clearance here covers, an exception here permits, or a team only observes.

    Raises:
        Refused: it is none of these.
    """
    if target.clearance.refusal(claims.label, target.region) is None:
        return Admitted(claims, target)
    ids = tuple(one.id for one in held(snapshot, claims, now))
    exception = excepting(target, claims.label, ids, snapshot.teams.get(claims.team))
    if exception is not None:
        return Admitted(claims, target, exception)
    if snapshot.observes(claims.team):
        return Admitted(claims, target, observed=True)
    raise EgressRefused("under_cleared", claims)
