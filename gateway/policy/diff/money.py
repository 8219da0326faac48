"""What a change costs, and which budget is charged: prices, budgets, cost centres, references."""

from typing import Any, Final

from gateway.domain.money import usd_text
from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.words import describe, value

OF_TEAM: Final = frozenset({"reference", "owner", "cost_center", "budget", "rate_limit", "keys"})
"""Fields of a team that only finance reads, or that say what it may spend."""
_RATES: Final = {"input": "input", "output": "output", "cached_input": "cached", "cache_write": "cache write"} | {
    "cache_write_1h": "cache write 1 h",
    "audio_input": "audio in",
    "image_input": "image in",
    "audio_output": "audio out",
    "reasoning": "reasoning",
    "web_search": "web search",
}


def price(edit: Edit) -> list[Effect]:
    """Describe a target's new rates, per million tokens."""
    before, after = edit.before, edit.after
    rates = [
        f"{word} {_rate(before.get(key))} → {_rate(after.get(key))} USD"
        for key, word in _RATES.items()
        if before.get(key) != after.get(key)
    ]
    if before["source"] != after["source"]:
        rates.append(f"source {before['source']} → {after['source']}")
    if not rates:
        rates.append("what is charged by date, size or tier")
    return [Effect(Kind.COST, f"target {edit.name} price: {', '.join(rates)}", targets=(edit.name,))]


def commitment(edit: Edit) -> list[Effect]:
    """Describe what changes in a commitment."""
    return [Effect(Kind.COST, describe(edit))]


def team(edit: Edit) -> list[Effect]:
    """Describe what changes in a team's budgets."""
    if edit.field != "budget":
        return [Effect(Kind.COST, describe(edit), (edit.name,))]
    what = f"team {edit.name} budget: {_budgets(edit.before)} → {_budgets(edit.after)}"
    return [Effect(Kind.COST, what, (edit.name,))]


def _rate(nanos: int | None) -> str:
    return value(None) if nanos is None else usd_text(nanos)


def _budgets(item: Any) -> str:
    if item is None:
        return value(None)
    return " and ".join(map(_budget, item if isinstance(item, list) else [item]))


def _budget(item: dict[str, Any]) -> str:
    dollars, tokens = item["usd_nanos"], item.get("tokens")
    limits = [] if dollars is None else [f"{usd_text(dollars)} USD"]
    limits += [] if tokens is None else [f"{tokens} tokens"]
    action = f"downgrade to {item['downgrade']}" if item.get("downgrade") else item["on_exhausted"]
    rest = [f"{name} {item[name]}" for name in ("soft", "strict", "time_zone", "fiscal_start") if name in item]
    return f"{', '.join(limits)} a {item['per']} ({', '.join([item['covers'], action, *rest])})"
