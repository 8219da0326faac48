"""What a change costs, and who pays: prices, budgets, cost centres, references."""

from typing import Any, Final

from gateway.domain.money import usd_text
from gateway.policy.diff.change import Effect, Kind
from gateway.policy.diff.edits import Edit
from gateway.policy.diff.words import told, value

OF_TEAM: Final = frozenset({"reference", "owner", "cost_center", "budget"})
"""Fields of a team that only finance reads, or that say what it may spend."""
_RATES: Final = {"input": "input", "output": "output", "cached_input": "cached", "cache_write": "cache write"}


def price(edit: Edit) -> list[Effect]:
    """Tell a target's new rates, a million tokens."""
    rates = [
        f"{word} {usd_text(edit.before[key])} → {usd_text(edit.after[key])} USD"
        for key, word in _RATES.items()
        if edit.before[key] != edit.after[key]
    ]
    if edit.before["source"] != edit.after["source"]:
        rates.append(f"source {edit.before['source']} → {edit.after['source']}")
    return [Effect(Kind.COST, f"target {edit.name} price: {', '.join(rates)}", targets=(edit.name,))]


def team(edit: Edit) -> list[Effect]:
    """Tell what changes in a team's accounts."""
    if edit.field != "budget":
        return [Effect(Kind.COST, told(edit), (edit.name,))]
    what = f"team {edit.name} budget: {_budget(edit.before)} → {_budget(edit.after)}"
    return [Effect(Kind.COST, what, (edit.name,))]


def _budget(item: dict[str, Any] | None) -> str:
    if item is None:
        return value(None)
    return f"{usd_text(item['usd_nanos'])} USD a {item['per']} ({item['covers']}, {item['on_exhausted']})"
