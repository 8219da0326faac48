"""A year's budget gone in four months, and the same year with the governor on.

    python loadtest/burn.py [--plot docs/burn.svg]

Time is simulated, quarter of an hour by quarter of an hour; each decides by the real policy on facts that the real
pacing gathers. Demand grows over the year, sleeps at night and at weekends, and has days of three times the usual.
"""

import argparse
import json
import random
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import orjson
import yaml

from gateway.domain.budget import NS
from gateway.domain.facts import Facts
from gateway.domain.money import NANOS_PER_USD
from gateway.pipeline.pacing import Pacing
from gateway.pipeline.payment import least_left, paying
from gateway.policy.decide.evaluate import permitted
from gateway.policy.load.compile import compile_documents
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook

STEP_S = 900
DAY_S = 86_400
START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
END = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
BUDGET_USD = 1_200_000


def policy(over: float | None) -> PolicySnapshot:
    """A model that may run at home or at a vendor, the vendor first unless the governor says otherwise."""
    governor = [{"kind": "burn_rate", "budget": "team", "over": over, "prefer": "local"}] if over else []
    target = {"context_window": 8000, "max_output_tokens": 1000, "clearance": "internal"}
    document = {
        "version": 1,
        "targets": [
            {**target, "id": "home", "zone": "local", "kind": "sglang", "model": "m", "endpoints": ["http://127.0.0.1:1"],
             "price": {"input_per_mtok_usd": 0.1, "output_per_mtok_usd": 0.1}},
            {**target, "id": "vendor", "zone": "closed", "kind": "openai", "model": "v", "api_key_env": "KEY",
             "price": {"input_per_mtok_usd": 3, "output_per_mtok_usd": 15}},
        ],
        "models": [{"name": "auto", "candidates": ["home", "vendor"], "substitution": "free"}],
        "teams": [{"id": "t", "default_class": "public",
                   "budget": {"usd": BUDGET_USD, "per": "year", "on_exhausted": "local_only"}}],
        "rules": [{"kind": "budget"}, *governor, {"kind": "prefer", "by": "order", "order": ["vendor", "home"]}],
    }  # fmt: skip
    return compile_documents([("burn.yaml", yaml.safe_dump(document))], PriceBook.load_bundled())


def demand(seed: int) -> list[int]:
    """Return what each quarter of an hour would cost at the vendor, in nano-dollars: about three budgets a year."""
    chance = random.Random(seed)
    bursts = dict.fromkeys(chance.sample(range(365), 12), 3)
    found = []
    for at in range(START, END, STEP_S):
        day, hour = (at - START) // DAY_S, (at % DAY_S) / 3600
        weekday = 0.25 if (day + 3) % 7 >= 5 else 1.0
        daily = 1.6 if 8 <= hour < 18 else 0.35
        growth = 0.75 + 0.5 * (at - START) / (END - START)
        level = weekday * daily * growth * bursts.get(day, 1) * chance.uniform(0.6, 1.4)
        found.append(int(level * 4.8 * BUDGET_USD * NANOS_PER_USD / (365 * DAY_S / STEP_S)))
    return found


@dataclass
class Counters:
    """What is spent: the part of the state store that policy sees."""

    spent: dict[str, int] = field(default_factory=dict)

    def used(self, counter: str) -> tuple[int, int]:
        """Return what is spent; nothing is held between two steps."""
        return self.spent.get(counter, 0), 0


@dataclass
class Year:
    """What came out."""

    spent: list[int]
    """In nano-dollars, by the end of each day."""
    gone_on: float | None
    """Day on which nothing was left."""
    switches: list[int]
    """By day, how often the first target changed."""
    local_share: float


def run(over: float | None, seed: int = 1, days: int = 365, *, restarts: int = 0) -> Year:
    """Live through a year; ``restarts``: after so many steps the process is another one, each time."""
    snapshot, pacing, state = policy(over), Pacing(), Counters()
    team, rules = snapshot.teams["t"], snapshot.governors
    spent, choices, gone, home, whole = [], [], None, 0, 0
    for number, cost in enumerate(demand(seed)[: days * DAY_S // STEP_S]):
        at_ns = (START + number * STEP_S) * NS
        if restarts and number % restarts == restarts - 1:
            pacing = Pacing(orjson.loads(orjson.dumps(pacing.as_json())))
        paid = paying(team, "k", at_ns)
        facts = Facts("t", "k", "auto", "openai.chat", input_tokens=1000, input_bytes=4000, max_tokens=100)
        pace, before = pacing.facts(paid, rules, state, at_ns)
        left = least_left(paid, state)
        facts = Facts(**{**{name: getattr(facts, name) for name in Facts.__slots__},
                         "budget_left_nanos": left, "pace": pace, "governed": tuple(sorted(before))})  # fmt: skip
        pacing.note(paid, state, at_ns)
        pacing.remember(rules, facts, paid)
        first = permitted(snapshot, facts)[0]
        if first.zone == "closed":
            counter = paid[0].counter
            state.spent[counter] = state.spent.get(counter, 0) + min(cost, left or 0)
        else:
            home += cost
        whole += cost
        if gone is None and (least_left(paid, state) or 0) < NANOS_PER_USD:
            gone = number * STEP_S / DAY_S
        choices.append(first.id)
        if (number + 1) * STEP_S % DAY_S == 0:
            spent.append(sum(state.spent.values()))
    a_day = DAY_S // STEP_S
    changed = [one != other for one, other in pairwise(choices)]
    switches = [sum(changed[start : start + a_day]) for start in range(0, len(changed), a_day)]
    return Year(spent, gone, switches, home / whole)


def figures(name: str, year: Year) -> dict:
    """Return what the closing note asks for."""
    return {
        "run": name,
        "budget_gone_on_day": year.gone_on,
        "spent_share_at_the_end": round(year.spent[-1] / (BUDGET_USD * NANOS_PER_USD), 4),
        "switches_a_day_median": sorted(year.switches)[len(year.switches) // 2],
        "switches_a_day_most": max(year.switches),
        "local_share_of_demand": round(year.local_share, 3),
    }


def plot(years: dict[str, Year]) -> str:
    """Return the spending of each run over the year as SVG."""
    colours = iter(["#c0392b", "#2471a3", "#1e8449"])
    top = BUDGET_USD * NANOS_PER_USD
    lines = []
    for place, (name, year) in enumerate(years.items()):
        colour = next(colours)
        points = " ".join(f"{60 + day * 2:.0f},{260 - 220 * spent / top:.1f}" for day, spent in enumerate(year.spent))
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
        lines.append(f'<text x="600" y="{200 + 18 * place}" fill="{colour}">{name}</text>')
    months = "".join(f'<text x="{60 + month * 60.8:.0f}" y="278">{month + 1}</text>' for month in range(12))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 300" font-family="sans-serif" font-size="12">'
        '<rect width="820" height="300" fill="#fff"/>'
        '<path d="M60 40H790" stroke="#999" stroke-dasharray="4 4"/><text x="8" y="44">budget</text>'
        '<path d="M60 260L790 40" stroke="#ccc" stroke-dasharray="2 4"/>'
        '<path d="M60 40V260H790" fill="none" stroke="#333"/><text x="30" y="264">0</text>'
        f'{months}<text x="400" y="295">month</text>{"".join(lines)}</svg>\n'
    )


def main() -> None:
    """Print the figures as JSON; draw them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    years = {"without a governor": run(None), "governor, over: 2": run(2), "governor, over: 1": run(1)}
    json.dump([figures(name, year) for name, year in years.items()], sys.stdout, indent=2)
    print()
    if asked.plot:
        asked.plot.write_text(plot(years), encoding="utf-8")


if __name__ == "__main__":
    main()
