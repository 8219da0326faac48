"""A checked document in, canonical data out: short forms written out, prices looked up, order made plain."""

from typing import Any

from gateway.domain.money import from_usd
from gateway.domain.price import Price
from gateway.policy.document import PolicyDocument
from gateway.policy.document.callers import FloorBlock, ModelBlock, RolloutBlock, TeamBlock
from gateway.policy.document.exceptions import ExceptionBlock
from gateway.policy.document.labelling import SensitivityBlock
from gateway.policy.document.targets import BY_MODEL, PriceBlock, TargetBlock
from gateway.policy.labelling import sensitivity_data
from gateway.policy.rules import HARD_ORDER, HardRule, OrderingRule, Rule
from gateway.policy.snapshot import literal_length
from gateway.pricing.book import Listing, PriceBook
from gateway.pricing.gpu import price_from_gpu


def resolve(document: PolicyDocument, prices: PriceBook) -> dict[str, Any]:
    """Return the data that a snapshot is built from. The document must have been checked."""
    models = [_model(model) for model in document.models]
    return {
        "version": 1,
        "local_networks": sorted(set(document.trust.local_networks if document.trust else ())),
        "targets": {target.id: _target(target, prices) for target in document.targets},
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
    }


def listing_for(target: TargetBlock, prices: PriceBook) -> Listing | None:
    """Return what the price book knows of a target's model: under the key it names, else by kind and model."""
    key = target.price.catalog
    if key is not None and key != BY_MODEL:
        return prices.listing_of(key)
    return prices.listing(target.kind, target.model)


def price_of(target: TargetBlock, prices: PriceBook) -> Price | None:
    """Return a target's price; None if the price book does not know it."""
    block = target.price
    if block.form == "catalog":
        listing = listing_for(target, prices)
        return None if listing is None else listing.price
    if block.gpu_hour_usd is not None and block.tokens_per_second is not None:
        return price_from_gpu(
            block.gpu_hour_usd, block.gpus or 1, block.tokens_per_second, block.cached_input_ratio or 0
        )
    return _price_from_tokens(block)


def _price_from_tokens(block: PriceBlock) -> Price:
    input_rate = from_usd(block.input_per_mtok_usd or 0)
    cached, write = block.cached_input_per_mtok_usd, block.cache_write_per_mtok_usd
    return Price(
        input=input_rate,
        output=from_usd(block.output_per_mtok_usd or 0),
        cached_input=input_rate if cached is None else from_usd(cached),
        cache_write=input_rate if write is None else from_usd(write),
        source="yaml",
    )


def _target(target: TargetBlock, prices: PriceBook) -> dict[str, Any]:
    listing = listing_for(target, prices) if target.zone == "closed" else None
    price = price_of(target, prices)
    assert price is not None
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
        "price": price.as_json(),
        "quality": target.quality,
        "context_window": target.context_window or (listing and _priced_window(target, listing)),
        "max_output_tokens": target.max_output_tokens or (listing and listing.max_output_tokens),
        "capabilities": sorted(set(target.capabilities)),
        "license": None if target.license is None else target.license.model_dump(),
        "region": target.region or "",
        "params": target.params.model_dump(mode="json"),
        "api_key_env": target.api_key_env,
        "local_api_key_env": target.local_api_key_env,
        "timeouts": target.timeouts.model_dump(),
        "space": (target.space or target.model) if "embeddings" in target.capabilities else "",
    }


def _priced_window(target: TargetBlock, listing: Listing) -> int | None:
    """Return the window that the price book's rate is good for: above some size, vendors charge more."""
    window, dearer_from = listing.context_window, listing.long_context_from
    if window is None or dearer_from is None or target.price.form != "catalog":
        return window
    return min(window, dearer_from)


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
    budget = None
    if team.budget is not None:
        budget = {"usd_nanos": from_usd(team.budget.usd), **team.budget.model_dump(exclude={"usd"})}
    return {
        "default_class": team.default_class,
        "reference": team.reference,
        "owner": team.owner or "",
        "cost_center": team.cost_center or "",
        "budget": budget,
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


def _rules(rules: tuple[Rule, ...]) -> list[dict[str, Any]]:
    hard = [rule for rule in rules if isinstance(rule, HardRule)]
    hard.sort(key=lambda rule: (HARD_ORDER.index(type(rule)), rule.name))
    ordering = [rule for rule in rules if isinstance(rule, OrderingRule)]
    return [{**rule.model_dump(mode="json"), "id": rule.name} for rule in (*hard, *ordering)]
