"""A decision with everything behind it, for people."""

from typing import Any

from gateway.domain.facts import Facts
from gateway.domain.money import usd_text
from gateway.policy.decide.evaluate import decide, refusals
from gateway.policy.decide.hard_rules import bid_for
from gateway.policy.snapshot import PolicySnapshot


def explain(snapshot: PolicySnapshot, facts: Facts) -> dict[str, Any]:
    """Return the decision and, for each candidate, cost, quality and every rule that would drop it.

    Raises:
        ModelNotFound: no model of the policy has the asked name.
    """
    decision = decide(snapshot, facts)
    order = [ranked.target for ranked in decision.ranked] + [dropped.target for dropped in decision.dropped]
    permitted = {ranked.target for ranked in decision.ranked}
    return {
        "model": facts.model,
        "team": facts.team,
        "task": facts.task,
        "dialect": facts.dialect,
        "data_class": facts.label.data_class.word,
        "categories": sorted(str(category) for category in facts.label.categories),
        "target": decision.ranked[0].target if decision.ranked else None,
        "reason": decision.reason,
        "rule": decision.rule,
        "rollout": decision.rollout or None,
        "policy": decision.policy,
        "alarms": list(decision.alarms),
        "candidates": [_candidate(snapshot, facts, name, permitted=name in permitted) for name in order],
    }


def _candidate(snapshot: PolicySnapshot, facts: Facts, name: str, *, permitted: bool) -> dict[str, Any]:
    target = snapshot.targets[name]
    bid = bid_for(target, facts)
    return {
        "target": name,
        "zone": target.zone,
        "permitted": permitted,
        "expected_usd": usd_text(bid.expected),
        "hold_usd": usd_text(bid.hold),
        "quality": bid.quality,
        "drops": [
            {"rule": drop.rule, "reason": drop.reason, "detail": drop.detail, "why": drop.why}
            for drop in refusals(snapshot, facts, bid)
        ],
    }
