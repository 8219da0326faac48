"""A decision with everything behind it, for people."""

from typing import Any

from gateway.domain.facts import Facts
from gateway.policy.snapshot import Snapshot


def explain(snapshot: Snapshot, facts: Facts) -> dict[str, Any]:
    """Return the decision and, for each target, cost, quality and every rule that would drop it."""
    raise NotImplementedError(snapshot, facts)
