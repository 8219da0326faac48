"""One decided request on its way: what every later step needs to know of it."""

from typing import Self
from urllib.parse import urlsplit

from msgspec import Struct

from gateway.domain.budget import Account
from gateway.domain.decision import Decision, Ranked
from gateway.domain.facts import Facts
from gateway.domain.records import DecisionMade
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.pipeline.inbound import Inbound
from gateway.pipeline.label import Labelled
from gateway.pipeline.request import Request
from gateway.policy.snapshot import PolicySnapshot
from gateway.wire.body import Tree
from gateway.wire.dialect import RequestShape


class Case(Struct, frozen=True):
    """A request, its label, its facts and its decision."""

    request: Request
    labelled: Labelled
    facts: Facts
    decision: Decision
    made: DecisionMade
    paid: tuple[Account, ...]
    """The accounts that it is charged to: of the periods in which it arrived, whenever it ends."""

    inbound: Inbound
    """The call as it came in."""
    snapshot: PolicySnapshot
    """The policy it was decided by."""
    team: Team
    """The caller's team."""
    tree: Tree
    """The body without reserved fields."""
    shape: RequestShape
    """What the gateway acts on in it."""

    @classmethod
    def of(
        cls,
        request: Request,
        labelled: Labelled,
        facts: Facts,
        decision: Decision,
        made: DecisionMade,
        paid: tuple[Account, ...],
    ) -> Self:
        """Return the case of a request, with what of the request is asked for often."""
        inbound, snapshot, team = request.inbound, request.snapshot, request.team
        return cls(request, labelled, facts, decision, made, paid, inbound, snapshot, team, request.tree, request.shape)

    def target(self, ranked: Ranked) -> Target:
        """Return the target of a ranked entry."""
        return self.snapshot.targets[ranked.target]

    def hold(self, target: Target) -> int | None:
        """Return the upper bound of what the call costs at a target, as it was decided with; None if not ranked."""
        for ranked in self.decision.ranked:
            if ranked.target == target.id:
                return ranked.hold_nanos
        return None

    @property
    def evidence(self) -> list[dict[str, object]]:
        """Return the findings as detector, JSON path and span, never text."""
        return [finding.as_json() for finding in self.labelled.findings]


def server_of(endpoint: str) -> str:
    """Return ``host:port`` of an endpoint, for spans."""
    parts = urlsplit(endpoint)
    return parts.netloc.rpartition("@")[2]
