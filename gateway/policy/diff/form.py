"""A policy in the form in which it is compared: two ways of writing the same thing look the same in it."""

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.domain.label import DataClass
from gateway.domain.sensitivity import MEDIA
from gateway.policy.diff.keys import tokens
from gateway.policy.diff.places import floor_name, model_name
from gateway.policy.snapshot import PolicySnapshot

Defaults = Mapping[str, tuple[DataClass, int, DataClass]]
"""Kind of a built-in detector -> its class, how many distinct findings it takes, and the class of likely ones."""
Form = dict[str, dict[str, Any]]
"""Section -> name -> item."""


def form_of(snapshot: PolicySnapshot, defaults: Defaults) -> Form:
    """Return a policy in the form in which it is compared: by name, short forms and defaults written out."""
    data = orjson.loads(snapshot.canonical)
    block = data["sensitivity"]
    rules = {item["id"]: _rule(item) for item in data["rules"]}
    return {
        "settings": {
            "on_unscannable": _unscannable(block),
            "vendor_opaque": block["vendor_opaque"],
            "local_networks": data["local_networks"],
        },
        "modes": {team: snapshot.sensitivity.mode_for(team) for team in ("", *sorted(snapshot.teams))},
        "detectors": _detectors(block["detectors"], defaults),
        "custom": {item["id"]: _plain(item) for item in block.get("custom", ())},
        "word_lists": {item["id"]: _plain(item) for item in block.get("word_lists", ())},
        "floors": _floors(snapshot),
        "targets": {name: _target(item) for name, item in data["targets"].items()},
        "rules": rules,
        "commitments": {item["id"]: _plain(item) for item in data.get("commitments", ())},
        "exceptions": {item["id"]: _plain(item) for item in data.get("exceptions", ())},
        "invariants": _invariants(snapshot),
        "organization": {"organization": {"budget": None, "rate_limit": None, **data.get("organization", {})}},
        "teams": {
            name: {
                "rate_limit": None,
                "keys": None,
                "mask": None,
                **item,
                "on_unscannable": item.get("on_unscannable", {}),
            }
            for name, item in data["teams"].items()
        },
        "models": {model_name(item["name"], is_pattern=item["is_pattern"]): item for item in data["models"]},
        "rollouts": {item["id"]: {**item, "when": _tokens(item["when"])} for item in data["rollouts"]},
        "tasks": {item["id"]: {"match": _plain(dict(item["match"]))} for item in data["tasks"]},
        "order": {
            "tasks": [item["id"] for item in data["tasks"]],
            "rules": [name for name, item in rules.items() if item["kind"] == "prefer"],
            "rollouts": [(item["model"], item["id"]) for item in data["rollouts"]],
            "models": [item["name"] for item in data["models"] if item["is_pattern"]],
        },
    }


def _unscannable(block: Mapping[str, Any]) -> str | dict[str, str]:
    """Return the class of each kind of content that cannot be read; one class if they are all alike."""
    kinds = dict.fromkeys((*MEDIA, "unknown"), block["on_unscannable"]) | block.get("unscannable", {})
    return kinds if len(set(kinds.values())) > 1 else str(kinds["unknown"])


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item whose lists are sets: neither order nor repetition means anything in them."""
    return {key: sorted(set(value)) if isinstance(value, list) else value for key, value in item.items()}


def _target(item: Mapping[str, Any]) -> dict[str, Any]:
    params = {**item["params"], "drop": sorted(set(item["params"]["drop"]))}
    price = {**item["price"], "tariff": item.get("tariff")}
    plain = {name: value for name, value in item.items() if name != "tariff"}
    return {"dialects": None, **plain, "endpoints": sorted(set(item["endpoints"])), "params": params, "price": price}


def _rule(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule; only in ``order`` does the order of a list mean anything."""
    plain = {**_plain(item), "when": _tokens(item["when"])}
    return {**plain, "order": item["order"]} if "order" in item else plain


def _tokens(when: str | None) -> str | None:
    """Return a condition without what is between its words."""
    return None if when is None else " ".join(tokens(when))


def _detectors(listed: list[dict[str, Any]], defaults: Defaults) -> dict[str, Any]:
    """Return what runs: one that is switched off is not there."""
    written = {item["kind"]: item for item in listed}
    running = {}
    for kind, (data_class, distinct, likely) in defaults.items():
        item = written.get(kind, {})
        if item.get("enabled", True):
            level = item.get("class") or data_class.word
            own = DataClass.parse(level)
            less = own if likely == data_class else min(own, likely)
            running[kind] = {
                "class": level,
                "likely": _other(item.get("likely", {}).get("class") or less.word, level),
                "min_distinct": item.get("min_distinct") or distinct,
                "ignore": sorted(set(item.get("ignore", ()))),
            }
    return running


def _other(likely: str, level: str) -> str | None:
    """Return the class of likely findings if it is not that of sure ones."""
    return None if likely == level else likely


def _floors(snapshot: PolicySnapshot) -> dict[str, Any]:
    """Return the floors by whom they are about; two about the same callers are their join."""
    floors: dict[str, Any] = {}
    for floor in snapshot.floors:
        name = floor_name({key: list(globs) for key, globs in floor.match})
        floors[name] = floors[name].join(floor.label) if name in floors else floor.label
    return floors


def _invariants(snapshot: PolicySnapshot) -> dict[str, Any]:
    dumped = {one.name: one.model_dump(mode="json", by_alias=True, exclude={"name"}) for one in snapshot.invariants}
    return {
        name: {
            part: None if globs is None else {key: _plain({"": value})[""] for key, value in globs.items()}
            for part, globs in item.items()
        }
        for name, item in dumped.items()
    }
