"""The two policies of :mod:`support.keep_version`: every kind of rule, budgets, prices, masking, floors, exceptions."""

import copy
from datetime import datetime, timedelta
from typing import Any

RULES: list[dict[str, Any]] = [
    {"kind": "license", "deny": ["forbidden"]},
    {"kind": "residency", "when": "team == 'legal'", "regions": ["eu"], "why": "client files stay in the EU"},
    {"kind": "allow", "when": "team == 'data'", "zones": ["local", "closed"]},
    {"kind": "deny", "id": "no-claude-for-data", "when": "team == 'data'", "targets": ["claude-*"]},
    {"kind": "capability"},
    {"id": "code-quality", "kind": "quality_floor", "when": "task == 'code' && data_class <= INTERNAL", "min": 0.8},
    {"kind": "max_cost", "usd": 0.0005, "estimate": "expected", "when": "model == 'dear'"},
    {"id": "most", "kind": "max_cost", "usd": 5, "estimate": "hold"},
    {"kind": "budget"},
    {"kind": "burn_rate", "over": 2},
    {"id": "fast", "kind": "prefer", "by": "latency", "when": "model == 'fast'"},
    {"id": "listed", "kind": "prefer", "by": "order", "order": ["gpt-5", "qwen3-32b"], "when": "stream && has_tools"},
    {"id": "best", "kind": "prefer", "by": "quality", "when": "model == 'best'"},
    {"kind": "prefer", "by": "cost"},
]


def policies(shipped: dict[str, Any], end: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a policy with all there is, and one that was changed afterwards."""
    first = copy.deepcopy(shipped)
    targets = {target["id"]: target for target in first["targets"]}
    for target in ("claude-sonnet", "gpt-5"):
        targets[target]["clearance"] = {"max": "internal", "forbid": ["phi"], "contracts": ["dpa"], "mask": ["email"]}
    targets["qwen3-32b"]["capabilities"] = ["tools", "json_schema", "reasoning"]
    targets["qwen3-32b"]["params"] = {"drop": ["logit_bias"], "default": {"temperature": 0.5}, "clamp": {"n": 4}}
    candidates = ["qwen3-32b", "claude-sonnet", "gpt-5"]
    first["models"] = [
        *(
            {"name": name, "candidates": candidates, "substitution": "free"}
            for name in ("auto", "cheap", "fast", "best")
        ),
        {"name": "dear", "candidates": ["gpt-5", "qwen3-32b"], "substitution": "free"},
        {"match": "claude-*", "incumbent": "claude-sonnet", "candidates": ["qwen3-32b"]},
        {"match": "gpt-*", "incumbent": "gpt-5", "candidates": ["qwen3-32b"]},
    ]
    first["rollouts"] = [
        {"id": "to-qwen", "model": "claude-*", "when": "team == 'support'", "to": "qwen3-32b", "percent": 50},
        {"id": "by-key", "model": "gpt-*", "when": "team == 'data'", "to": "qwen3-32b", "percent": 100, "unit": "key"},
    ]
    start = end - timedelta(days=80)
    first["prices"] = [{"target": "gpt-5", "from": start.isoformat(), "discount": 0.1, "evidence": "contract 1"}]
    first["commitments"] = [
        {"id": "anthropic", "usd": 100, "from": start.isoformat(), "to": end.isoformat(), "covers": ["claude-sonnet"]}
    ]
    teams = {team["id"]: team for team in first["teams"]}
    teams["support"]["budget"] = {"usd": 50, "per": "month", "covers": "closed", "on_exhausted": "local_only"}
    teams["engineering"]["budget"] = [
        {"usd": 500, "per": "year", "soft": [50, 80], "on_exhausted": {"downgrade": "qwen3-32b"}},
        {"tokens": 50_000_000, "per": "day", "covers": "all", "strict": True},
    ]
    teams["engineering"]["rate_limit"] = {"requests_per_minute": 5000, "tokens_per_minute": 50_000_000}
    teams["data"]["budget"] = {"usd": 0.0003, "per": "month", "covers": "all", "on_exhausted": "reject"}
    teams["data"]["keys"] = [{"budget": {"usd": 5, "per": "week", "covers": "all"}}]
    first["organization"] = {"budget": {"usd": 5000, "per": "quarter", "fiscal_start": 4}}
    first["sensitivity"] = {
        "mode": {"default": "enforce", "teams": {"data": "observe"}},
        "detectors": [
            {"kind": "email", "class": "confidential"},
            {"kind": "custom", "id": "ticket", "pattern": "TCK-[0-9]{6}", "class": "internal", "categories": ["hr"]},
        ],
        "word_lists": [{"id": "projects", "class": "confidential", "words": ["Bluebird"]}],
    }
    first["floors"] = [{"match": {"team": "legal"}, "class": "confidential", "categories": ["legal"]}]
    first["exceptions"] = [
        {
            "id": "pilot",
            "owner": "ann",
            "reason": "pilot",
            "teams": ["support"],
            "targets": ["gpt-5"],
            "from": start.isoformat(),
            "until": end.isoformat(),
            "max": "confidential",
            "categories": ["pii"],
        }
    ]
    first["rules"] = RULES
    first["invariants"] = [{"name": "legal stays home", "for": {"team": "legal"}, "never": {"zone": "closed"}}]
    second = copy.deepcopy(first)
    second["rollouts"][0]["percent"] = 100
    second["rules"] = [rule for rule in RULES if rule["kind"] != "burn_rate"]
    second["tasks"].append({"id": "support", "match": {"team": "support"}})
    return first, second
