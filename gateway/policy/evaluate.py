"""How a decision is made: candidates, hard rules, substitution and rollouts, order. No health: that is not policy."""

from gateway.domain.decision import Decision
from gateway.domain.facts import Facts
from gateway.policy.snapshot import Snapshot


def decide(snapshot: Snapshot, facts: Facts) -> Decision:
    """Decide on one request.

    Raises:
        ModelNotFound: no model of the policy has the asked name.
    """
    raise NotImplementedError(snapshot, facts)
