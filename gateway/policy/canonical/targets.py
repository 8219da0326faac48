"""Targets."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.domain.label import CONTRACT_FOR, Category, Clearance, DataClass
from gateway.domain.price import Price, Tariff
from gateway.domain.target import License, Params, Target, Timeouts
from gateway.policy.canonical.tariffs import NO_PRICE, listing_for, tariff_of, tells_more

if TYPE_CHECKING:
    from gateway.policy.document import PolicyDocument
    from gateway.policy.document.targets import ClearanceBlock, TargetBlock
    from gateway.pricing.book import PriceBook


def from_document(block: "TargetBlock", document: "PolicyDocument", prices: "PriceBook") -> Target:
    """Return the target of a block: prices, and limits that it leaves out, are those of the price book."""
    listing = listing_for(block, prices) if block.zone == "closed" else None
    tariff = tariff_of(block, document, prices)
    params = block.params.model_dump(mode="json")
    return Target(
        id=block.id,
        zone=block.zone,
        kind=block.kind,
        model=block.model,
        endpoints=tuple(block.endpoints or ((block.api_base,) if block.api_base else ())),
        clearance=_cleared(block),
        price=tariff.route(0, 0, "", NO_PRICE),
        quality=block.quality,
        context_window=block.context_window or (listing.context_window if listing is not None else None) or 0,
        max_output_tokens=block.max_output_tokens or (listing.max_output_tokens if listing is not None else None) or 0,
        capabilities=frozenset(block.capabilities),
        license=None if block.license is None else License(**block.license.model_dump()),
        region=block.region or "",
        params=Params(params["set"], params["default"], tuple(params["drop"]), params["clamp"]),
        api_key_env=block.api_key_env,
        local_api_key_env=block.local_api_key_env,
        timeouts=Timeouts(**block.timeouts.model_dump()),
        space=(block.space or block.model) if "embeddings" in block.capabilities else "",
        dialects=tuple(sorted(set(block.dialects or ()))),
        tariff=tariff if tells_more(tariff) else Tariff(),
    )


def to_canonical(target: Target) -> dict[str, Any]:
    """Return plain data, without the id: the data of a target is under its id."""
    params = target.params
    return {
        "zone": target.zone,
        "kind": target.kind,
        "model": target.model,
        "endpoints": list(target.endpoints),
        "clearance": _clearance_data(target.clearance),
        "price": target.price.as_json(),
        **({"tariff": target.tariff.as_json()} if target.tariff.periods else {}),
        "quality": target.quality,
        "context_window": target.context_window,
        "max_output_tokens": target.max_output_tokens,
        "capabilities": sorted(target.capabilities),
        "license": None if target.license is None else asdict(target.license),
        "region": target.region,
        "params": {"set": params.set, "default": params.default, "drop": list(params.drop), "clamp": params.clamp},
        "api_key_env": target.api_key_env,
        "local_api_key_env": target.local_api_key_env,
        "timeouts": asdict(target.timeouts),
        "space": target.space,
        **({"dialects": list(target.dialects)} if target.dialects else {}),
    }


def from_canonical(name: str, item: dict[str, Any]) -> Target:
    """Rebuild a target from its id and :func:`to_canonical`."""
    held, params = item["license"], item["params"]
    return Target(
        id=name,
        zone=item["zone"],
        kind=item["kind"],
        model=item["model"],
        endpoints=tuple(item["endpoints"]),
        clearance=_clearance(item["zone"], item["clearance"]),
        price=Price(**item["price"]),
        quality=item["quality"],
        context_window=item["context_window"],
        max_output_tokens=item["max_output_tokens"],
        capabilities=frozenset(item["capabilities"]),
        license=None if held is None else License(**held),
        region=item["region"],
        params=Params(params["set"], params["default"], tuple(params["drop"]), params["clamp"]),
        api_key_env=item["api_key_env"],
        local_api_key_env=item["local_api_key_env"],
        timeouts=Timeouts(**item["timeouts"]),
        space=item["space"],
        dialects=tuple(item.get("dialects", ())),
        tariff=Tariff.from_json(item["tariff"]) if "tariff" in item else Tariff(),
    )


def _cleared(block: "TargetBlock") -> Clearance:
    return _clearance(block.zone, _written(block.clearance))


def _written(block: "ClearanceBlock") -> dict[str, Any]:
    return {"max": block.max, "forbid": block.forbid, "contracts": block.contracts, "mask": block.mask}


def _clearance_data(clearance: Clearance) -> dict[str, Any]:
    return {
        "max": clearance.max.word,
        "forbid": sorted(clearance.forbid),
        "contracts": sorted(clearance.contracts),
        "mask": sorted(clearance.mask),
    }


def _clearance(zone: str, item: dict[str, Any]) -> Clearance:
    """Return what a target may see; which contracts it lacks follows from its zone and those it has."""
    signed = frozenset(item["contracts"])
    needed = CONTRACT_FOR.items() if zone == "closed" else ()
    return Clearance(
        DataClass.parse(item["max"]),
        frozenset(Category(word) for word in item["forbid"]),
        signed,
        frozenset((category, contract) for category, contract in needed if contract not in signed),
        frozenset(item.get("mask", ())),
    )
