"""How one decision looks to a person: what was known, what was weighed, what happened, what it cost."""

import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.tables import compact, safe
from gateway.domain.money import usd_text
from gateway.reports.costs import UNKNOWN, milliseconds, tokens

_WIDE: Final = 130
_DEAD_ENDS: Final = 400
_PIPE_WIDTH: Final = 200
_NAMED: Final = 5
"""Decisions that are named; the JSON has all."""


def print_list(rows: Sequence[dict[str, Any]]) -> None:
    """Print decisions, a line each; a wide terminal shows more of each."""
    console = _console()
    wide = console.width >= _WIDE
    columns = ("requested", "target", "class", "reason", "status #", "ms #", "tokens #", "$")
    table = compact("id", "time", "team", *(columns if wide else ("target", "status #", "$")), whole="id")
    for row in rows:
        usage = row["usage"]
        table.add_row(
            row["id"],
            (row["time"][:19] if wide else row["time"][11:19]).replace("T", "\u00a0"),
            safe(row["team"]),
            *([safe(row["model"])] if wide else []),
            _target(row),
            *([row["data_class"], row["reason"] or UNKNOWN] if wide else []),
            _status(row),
            *([UNKNOWN if row["latency_ms"] is None else f"{row['latency_ms']:.0f}"] if wide else []),
            *([tokens(usage["input_tokens"] + usage["output_tokens"]) + "~" * usage["estimated"]] if wide else []),
            row["cost_usd"],
        )
    console.print(table if rows else "no decision in this period")


def print_decision(found: dict[str, Any]) -> None:
    """Print a decision as :meth:`gateway.stores.ledger.reader.LedgerView.decision` gives it."""
    console = _console()
    console.print(f"[bold]{found['id']}[/]  {found['time']}", highlight=False)
    console.print(_pairs(_head(found)))
    console.print(_pairs(_facts(found["facts"])))
    for title, table in (
        ("Label evidence", _evidence(found["evidence"])),
        ("Permitted targets (best first)", _ranked(found["decision"])),
        ("Dropped targets", _dropped(found["decision"].get("dropped", []))),
        ("Would be dropped in enforce mode", _dropped(found["decision"].get("would_drop", []))),
        ("Attempts", _attempts(found["attempt_list"])),
    ):
        if table.row_count:
            console.print(f"\n[bold]{title}[/]")
            console.print(table)
    console.print()
    console.print(_pairs({**_conversation(found), **_money(found)}))


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
        "requested": safe(found["model"]),
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
        "dialect, task": f"{facts['dialect']}, {safe(facts['task'])}",
        "needs": ", ".join([*facts["needs"], *traits]) or "nothing special",
        "estimate": f"{facts['input_tokens']:,} tokens in, {facts['max_tokens'] or 'any number'} out",
    }


def _evidence(evidence: list[dict[str, Any]]) -> Table:
    """Show findings with whatever fields they have; none of them holds text."""
    names = list(dict.fromkeys(name for finding in evidence for name in finding))
    table = compact(*names)
    for finding in evidence:
        table.add_row(*[safe(str(finding.get(name, ""))) for name in names])
    return table


def _conversation(found: dict[str, Any]) -> dict[str, str]:
    """Show which decisions made this one's conversation what it is, and for which later ones this one did."""
    named = "session:"
    made = dict.fromkeys(one["path"] for one in found["evidence"] if one["detector"].startswith(named) and one["path"])
    later = found["led_to"]
    more = f" and {len(later) - _NAMED} more" if len(later) > _NAMED else ""
    lines = {
        "label comes from": ", ".join(map(escape, made)),
        "label went on to": ", ".join(map(escape, later[:_NAMED])) + more,
    }
    if any(lines.values()):
        lines["conversation"] = f"gateway sessions show {escape(next(iter(made), found['id']))}"
    return {name: text for name, text in lines.items() if text}


def _ranked(decision: dict[str, Any]) -> Table:
    table = compact("target", "zone", "expected $", "hold $", "quality #", "how")
    ways = dict.fromkeys(decision.get("masked", ()), "masked")
    ways |= {target: f"by exception {safe(exception)}" for target, exception in decision.get("excepted", ())}
    for one in decision.get("ranked", []):
        quality = UNKNOWN if one["quality"] is None else f"{one['quality']:g}"
        money = usd_text(one["expected_nanos"]), usd_text(one["hold_nanos"])
        table.add_row(escape(one["target"]), one["zone"], *money, quality, ways.get(one["target"], ""))
    return table


def _dropped(dropped: list[dict[str, Any]]) -> Table:
    table = compact("target", "rule", "reason", "detail", "why")
    for one in dropped:
        table.add_row(*[safe(one[name]) for name in ("target", "rule", "reason", "detail", "why")])
    return table


def _attempts(attempts: list[dict[str, Any]]) -> Table:
    table = compact("target", "outcome", "in #", "cached #", "out #", "cost $", "hold $", "ms #")
    for one in attempts:
        usage = one["usage"] or {}
        outcome = one["outcome"] or "running"
        status = f" {one['status']}" if one["status"] else ""
        table.add_row(
            f"{one['number']}. {escape(one['target'])}\n[dim]{escape(one['server'])}, {escape(one['price_source'])}[/]",
            f"[{'green' if outcome == 'ok' else 'yellow'}]{escape(outcome)}[/]{status}",
            str(usage.get("input_tokens", UNKNOWN)),
            str(usage.get("cached_input_tokens", UNKNOWN)),
            str(usage.get("output_tokens", UNKNOWN)) + ("~" if usage.get("estimated") else ""),
            one["cost_usd"] or UNKNOWN,
            one["hold_usd"],
            UNKNOWN if one["duration_ms"] is None else f"{one['duration_ms']:.0f}",
        )
    return table


def _money(found: dict[str, Any]) -> dict[str, str]:
    money = {"cost": f"[bold]${found['cost_usd']}[/]"}
    if found["dearest_usd"] is not None:
        money["most expensive permitted"] = f"${found['dearest_usd']}"
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


def _status(row: dict[str, Any]) -> str:
    if row["running"]:
        return "running"
    return f"[{'red' if row['status'] >= _DEAD_ENDS else 'green'}]{row['status']}[/]"


def _target(row: dict[str, Any]) -> str:
    if row["target"] is None:
        return f"[red]{escape(row['error'] or UNKNOWN)}[/]"
    return f"[{'cyan' if row['zone'] == 'local' else 'yellow'}]{escape(row['target'])}[/]"


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
