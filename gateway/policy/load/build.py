"""Canonical data in, snapshot out. Compiling and replaying both end here, so that both decide alike."""

import orjson

from gateway.domain.facts import digest
from gateway.policy.canonical import (
    budgets,
    commitments,
    exceptions,
    floors,
    models,
    rollouts,
    rules,
    targets,
    tasks,
    teams,
)
from gateway.policy.canonical.sensitivity import sensitivity_spec
from gateway.policy.rules.prefer import PreferRule
from gateway.policy.snapshot import PolicySnapshot, Rollout


def build(canonical: bytes) -> PolicySnapshot:
    """Build a snapshot from its canonical bytes."""
    data = orjson.loads(canonical)
    known = rules.from_canonical(data["rules"])
    ordering = rules.ordering(known)
    named = [models.from_canonical(item) for item in data["models"]]
    granted = tuple([exceptions.from_canonical(item) for item in data.get("exceptions", ())])
    whole = budgets.from_canonical(data.get("organization", {}), "organization")
    return PolicySnapshot(
        hash=digest(canonical),
        canonical=canonical,
        targets={name: targets.from_canonical(name, item) for name, item in data["targets"].items()},
        teams={name: teams.from_canonical(name, item, whole, granted)[0] for name, item in data["teams"].items()},
        tasks=tuple([tasks.from_canonical(item) for item in data["tasks"]]),
        sensitivity=sensitivity_spec(data["sensitivity"]),
        local_networks=tuple(data["local_networks"]),
        models={model.name: model for model in named if not model.is_pattern},
        patterns=tuple([model for model in named if model.is_pattern]),
        rollouts=_by_model([rollouts.from_canonical(item) for item in data["rollouts"]]),
        hard=rules.hard(known),
        ordering=ordering,
        orders_by_latency=any(isinstance(item.rule, PreferRule) and item.rule.by == "latency" for item in ordering),
        floors=tuple([floors.from_canonical(item) for item in data.get("floors", ())]),
        exceptions=granted,
        commitments=tuple([commitments.from_canonical(item) for item in data.get("commitments", ())]),
    )


def _by_model(found: list[Rollout]) -> dict[str, tuple[Rollout, ...]]:
    by_model: dict[str, tuple[Rollout, ...]] = {}
    for rollout in found:
        by_model[rollout.model] = (*by_model.get(rollout.model, ()), rollout)
    return by_model
