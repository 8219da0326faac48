"""A checked document in, canonical data out: short forms written out, prices looked up, order made plain."""

from typing import Any

from gateway.domain.money import from_usd
from gateway.policy.budgets import budget_data, organization_data, payers_data
from gateway.policy.document import PolicyDocument
from gateway.policy.document.callers import FloorBlock, ModelBlock, RolloutBlock, TeamBlock
from gateway.policy.document.exceptions import ExceptionBlock
from gateway.policy.document.labelling import SensitivityBlock
from gateway.policy.document.prices import CommitmentBlock
from gateway.policy.document.targets import TargetBlock
from gateway.policy.globs import literal_length
from gateway.policy.load.tariffs import NO_PRICE, listing_for, nanoseconds, tariff_of, tells_more
from gateway.policy.prove.labelling import sensitivity_data
from gateway.policy.rules import HARD_ORDER, HardRule, OrderingRule, Rule
from gateway.pricing.book import PriceBook


def resolve(document: PolicyDocument, prices: PriceBook) -> dict[str, Any]:
    """Return the data that a snapshot is built from. The document must have been checked."""
    models = [_model(model) for model in document.models]
    return {
        "version": 1,
        "local_networks": sorted(set(document.trust.local_networks if document.trust else ())),
        "targets": {target.id: _target(target, document, prices) for target in document.targets},
        "models": sorted((model for model in models if not model["is_pattern"]), key=lambda model: model["name"])
        + sorted((model for model in models if model["is_pattern"]), key=lambda model: -literal_length(model["name"])),
        "rollouts": [_rollout(rollout) for rollout in document.rollouts],
        "teams": {team.id: _team(team) for team in document.teams},
        "tasks": [
            {"id": task.id, "match": sorted(task.match.model_dump(mode="json", exclude_none=True).items())}
            for task in document.tasks
        ],
        "sensitivity": sensitivity_data(document.sensitivity or SensitivityBlock()),
        "floors": [_floor(floor) for floor in document.floors],
        "exceptions": sorted((_exception(one) for one in document.exceptions), key=lambda one: str(one["id"])),
        "rules": _rules(document.rules),
        **organization_data(document.organization),
        **({"commitments": [_commitment(one) for one in document.commitments]} if document.commitments else {}),
    }


def _target(target: TargetBlock, document: PolicyDocument, prices: PriceBook) -> dict[str, Any]:
    listing = listing_for(target, prices) if target.zone == "closed" else None
    tariff = tariff_of(target, document, prices)
    bases = (target.api_base,) if target.api_base else ()
    return {
        "zone": target.zone,
        "kind": target.kind,
        "model": target.model,
        "endpoints": list(target.endpoints or bases),
        "clearance": {
            "max": target.clearance.max,
            "forbid": sorted(set(target.clearance.forbid)),
            "contracts": sorted(set(target.clearance.contracts)),
            "mask": sorted(set(target.clearance.mask)),
        },
        "price": tariff.route(0, 0, "", NO_PRICE).as_json(),
        **({"tariff": tariff.as_json()} if tells_more(tariff) else {}),
        "quality": target.quality,
        "context_window": target.context_window or (listing and listing.context_window),
        "max_output_tokens": target.max_output_tokens or (listing and listing.max_output_tokens),
        "capabilities": sorted(set(target.capabilities)),
        "license": None if target.license is None else target.license.model_dump(),
        "region": target.region or "",
        "params": target.params.model_dump(mode="json"),
        "api_key_env": target.api_key_env,
        "local_api_key_env": target.local_api_key_env,
        "timeouts": target.timeouts.model_dump(),
        "space": (target.space or target.model) if "embeddings" in target.capabilities else "",
        **({"dialects": sorted(set(target.dialects))} if target.dialects else {}),
    }


def _model(model: ModelBlock) -> dict[str, Any]:
    incumbent = () if model.incumbent is None else (model.incumbent,)
    return {
        "name": model.label,
        "is_pattern": model.match is not None,
        "incumbent": model.incumbent,
        "candidates": sorted({*model.candidates, *incumbent}),
        "substitution": model.mode,
    }


def _rollout(rollout: RolloutBlock) -> dict[str, Any]:
    data = rollout.model_dump(exclude={"percent"})
    return {**data, "basis_points": round(rollout.percent * 100)}


def _team(team: TeamBlock) -> dict[str, Any]:
    return {
        "default_class": team.default_class,
        "reference": team.reference,
        "owner": team.owner or "",
        "cost_center": team.cost_center or "",
        "budget": budget_data(team.budget),
        **payers_data(team),
    }


def _floor(floor: FloorBlock) -> dict[str, Any]:
    return {
        "match": sorted(floor.match.model_dump(mode="json", exclude_none=True).items()),
        "class": floor.data_class,
        "categories": sorted(set(floor.categories)),
        "regions": None if floor.regions is None else sorted(set(floor.regions)),
    }


def _exception(one: ExceptionBlock) -> dict[str, Any]:
    return {
        "id": one.id,
        "owner": one.owner,
        "reason": one.reason,
        "teams": sorted(set(one.teams)),
        "start": int(one.start.timestamp()),
        "end": int(one.until.timestamp()),
        "detectors": sorted(set(one.detectors)),
        "values": sorted(set(one.values)),
        "targets": sorted(set(one.targets)),
        "max": one.max or "public",
        "categories": sorted(set(one.categories)),
    }


def _commitment(one: CommitmentBlock) -> dict[str, Any]:
    return {
        "id": one.id,
        "amount": from_usd(one.usd),
        "start_ns": nanoseconds(one.start),
        "end_ns": nanoseconds(one.to),
        "covers": sorted(set(one.covers)),
    }


def _rules(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    hard = [rule for rule in rules if isinstance(rule, HardRule)]
    hard.sort(key=lambda rule: (HARD_ORDER.index(type(rule)), rule.name))
    ordering = [rule for rule in rules if isinstance(rule, OrderingRule)]
    return [{**rule.model_dump(mode="json"), "id": rule.name} for rule in (*hard, *ordering)]
