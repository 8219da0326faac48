"""How one decision looks to a person: what was known, what was weighed, what happened, what it cost."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.domain.money import usd_text
from gateway.reports.costs import UNKNOWN, milliseconds
from gateway.reports.table import printable


def print_decision(found: dict[str, Any]) -> None:
    """Print a decision as :meth:`gateway.stores.ledger_reader.LedgerReader.decision` gives it."""
    console = Console()
    console.print(f"[bold]{found['id']}[/]  {found['time']}", highlight=False)
    console.print(_pairs(_head(found)))
    console.print(_pairs(_facts(found["facts"])))
    for title, table in (
        ("What the label rests on", _evidence(found["evidence"])),
        ("May take it, best first", _ranked(found["decision"].get("ranked", []))),
        ("May not take it", _dropped(found["decision"].get("dropped", []))),
        ("Would be dropped, were labels enforced", _dropped(found["decision"].get("would_drop", []))),
        ("Attempts", _attempts(found["attempt_list"])),
    ):
        if table.row_count:
            console.print(f"\n[bold]{title}[/]")
            console.print(table)
    console.print()
    console.print(_pairs(_money(found)))


def _head(found: dict[str, Any]) -> dict[str, str]:
    outcome = "still running" if found["running"] else f"{found['status']}"
    if found["error"]:
        outcome += f" [red]{escape(found['error'])}[/]"
    if found["target"]:
        colour = "cyan" if found["zone"] == "local" else "yellow"
        outcome += f" by [{colour}]{escape(found['target'])}[/] ({found['zone']})"
    why = found["reason"] or UNKNOWN
    return {
        "outcome": outcome,
        "why": f"{why}, by rule {escape(found['rule'])}" if found["rule"] else why,
        "team, key": f"{escape(found['team'])}, {escape(found['key'])}",
        "asked for": _safe(found["model"]),
        "time": f"{milliseconds(found['latency_ms'])}, first token after {milliseconds(found['ttft_ms'])}, "
        f"decided in {found['decided_us']} \u00b5s",
        "policy": found["policy"],
        "trace": found["trace_id"],
    }


def _facts(facts: dict[str, Any]) -> dict[str, str]:
    if not facts:
        return {}
    label = facts["label"]
    words = [label["data_class"], *label["categories"]]
    if label["regions"] is not None:
        words.append("only in " + ", ".join(label["regions"]))
    traits = [name for name in ("stream", "has_tools", "has_images") if facts[name]]
    return {
        "label": " ".join(words),
        "dialect, task": f"{facts['dialect']}, {_safe(facts['task'])}",
        "needs": ", ".join([*facts["needs"], *traits]) or "nothing special",
        "estimate": f"{facts['input_tokens']:,} tokens in, {facts['max_tokens'] or 'any number'} out",
    }


def _evidence(evidence: list[dict[str, Any]]) -> Table:
    """Show findings with whatever fields they have; none of them holds text."""
    names = list(dict.fromkeys(name for finding in evidence for name in finding))
    table = _table(*names)
    for finding in evidence:
        table.add_row(*[_safe(str(finding.get(name, ""))) for name in names])
    return table


def _ranked(ranked: list[dict[str, Any]]) -> Table:
    table = _table("target", "zone", "expected $", "hold $", "quality")
    for one in ranked:
        quality = UNKNOWN if one["quality"] is None else f"{one['quality']:g}"
        money = usd_text(one["expected_nanos"]), usd_text(one["hold_nanos"])
        table.add_row(escape(one["target"]), one["zone"], *money, quality)
    return table


def _dropped(dropped: list[dict[str, Any]]) -> Table:
    table = _table("target", "rule", "reason", "detail", "why")
    for one in dropped:
        table.add_row(*[_safe(one[name]) for name in ("target", "rule", "reason", "detail", "why")])
    return table


def _attempts(attempts: list[dict[str, Any]]) -> Table:
    table = _table(
        "#", "target", "server", "outcome", "status", "in", "cached", "out", "cost $", "hold $", "price", "ms"
    )
    for one in attempts:
        usage = one["usage"] or {}
        outcome = one["outcome"] or "running"
        table.add_row(
            str(one["number"]),
            escape(one["target"]),
            escape(one["server"]),
            f"[{'green' if outcome == 'ok' else 'yellow'}]{escape(outcome)}[/]",
            str(one["status"] or UNKNOWN),
            str(usage.get("input_tokens", UNKNOWN)),
            str(usage.get("cached_input_tokens", UNKNOWN)),
            str(usage.get("output_tokens", UNKNOWN)) + ("~" if usage.get("estimated") else ""),
            one["cost_usd"] or UNKNOWN,
            one["hold_usd"],
            escape(one["price_source"]),
            UNKNOWN if one["duration_ms"] is None else f"{one['duration_ms']:.0f}",
        )
    return table


def _money(found: dict[str, Any]) -> dict[str, str]:
    money = {"cost": f"[bold]${found['cost_usd']}[/]"}
    if found["dearest_usd"] is not None:
        money["dearest permitted"] = f"${found['dearest_usd']}"
    if found["reference_usd"] is not None:
        money["reference"] = f"${found['reference_usd']} on {escape(found['reference_target'] or '')}"
        colour = "red" if found["savings_usd"].startswith("-") else "green"
        money["savings"] = f"[{colour}]${found['savings_usd']}[/]"
    return money


def _pairs(pairs: dict[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in pairs.items():
        table.add_row(name, value)
    return table


def _table(*columns: str) -> Table:
    table = Table(header_style="dim", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _safe(text: str) -> str:
    return escape(printable(text))
