"""The default policy, pointed at the demo's upstreams and with budgets small enough to run out while one watches."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

BUDGETS: Final = {"support": 0.10, "data": 0.012}
"""Dollars; the demo's few hundred calls cost about half a dollar on the closed targets."""

ROLLOUT_PERCENT: Final = 30
"""Enough of the demo's two dozen sessions to see some of them move."""


def demo_policy(source: Path, places: Mapping[str, str], models: Mapping[str, str]) -> str:
    """Return the policy as JSON, which is YAML.

    Args:
        source: the shipped default policy.
        places: target → address (local) or api_base (closed); a target that is not named keeps its own.
        models: target → model, where the server has another one than the policy says.
    """
    document: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    for target in document["targets"]:
        place = places.get(target["id"])
        if place is not None and target["zone"] == "local":
            target["endpoints"] = [place]
        elif place is not None:
            target["api_base"] = f"{place}/v1" if target["kind"] == "openai" else place
        if target["id"] in models:
            target["model"] = models[target["id"]]
    for team in document["teams"]:
        if team["id"] in BUDGETS:
            team["budget"]["usd"] = BUDGETS[team["id"]]
    for rollout in document["rollouts"]:
        rollout["percent"] = ROLLOUT_PERCENT
    document.pop("cases", None)  # they are written for the shipped budgets
    return json.dumps(document, indent=1)
