# ruff: noqa: INP001 -- a script beside the policies, no package
"""Write the price book that ships with the package: litellm's bundled price map, chat models only, in nano-dollars.

Run it after litellm was raised (``make prices``), read the difference, commit both. It reads the map as a data file and
never imports litellm: the file is what was pinned by hash, the code is not needed.
"""

import argparse
import importlib.metadata
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

OUTPUT: Final = Path(__file__).parent.parent / "gateway" / "pricing" / "catalog.json"
NANOS_PER_MTOK: Final = Decimal(10) ** 15
"""A dollar a token is 10^9 nano-dollars, times a million tokens."""
RATES: Final = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "audio_input": "input_cost_per_audio_token",
    "image_input": "input_cost_per_image_token",
    "audio_output": "output_cost_per_audio_token",
    "reasoning": "output_cost_per_reasoning_token",
}
SERVICES: Final = {"": "", "batch": "_batches", "flex": "_flex", "priority": "_priority"}
"""Tier of service → the suffix of the names of its rates."""
LIMITS: Final = {"context_window": "max_input_tokens", "max_output_tokens": "max_output_tokens"}


def rate(value: object) -> int | None:
    """Return nano-dollars per million tokens, rounded up; None stays None and zero stays zero."""
    if not isinstance(value, int | float | str):
        return None
    return -int(-Decimal(str(value)) * NANOS_PER_MTOK // 1)


def rates(model: dict[str, Any], suffix: str) -> dict[str, int]:
    """Return those rates of a tier that the map gives."""
    found = {name: rate(model.get(key + suffix)) for name, key in RATES.items()}
    return {name: value for name, value in found.items() if value is not None}


def tiers(model: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tiers beside the plain one: by tier of service, and by the input tokens above which they hold."""
    prefix, unit = RATES["input"] + "_above_", "k_tokens"
    ends = (key.removeprefix(prefix).partition(unit)[0] for key in model if key.startswith(prefix) and unit in key)
    sizes = sorted({int(end) for end in ends if end.isdigit()})
    found = []
    for service, suffix in SERVICES.items():
        for size in (0, *sizes):
            given = rates(model, (f"_above_{size}{unit}" if size else "") + suffix)
            if "input" in given and (service or size):
                found.append({"service": service, "above": size * 1000, **given})
    return found


def search(model: dict[str, Any]) -> int | None:
    """Return nano-dollars of one search by the vendor's own tool, at the middle size of its context."""
    sizes = model.get("search_context_cost_per_query") or {}
    dollars = sizes.get("search_context_size_medium")
    return None if dollars is None else -int(-Decimal(str(dollars)) * 10**9 // 1)


def entry(model: dict[str, Any]) -> dict[str, Any]:
    """Return what the price book keeps of a model; what the map does not say is left out."""
    kept: dict[str, Any] = dict(rates(model, ""))
    kept["web_search"] = search(model)
    for name, key in LIMITS.items():
        value = model.get(key)
        kept[name] = int(value) if isinstance(value, int | float) and value > 0 else None
    kept["tiers"] = tiers(model) or None
    kept["provider"] = model.get("litellm_provider")
    return {name: value for name, value in kept.items() if value is not None}


def main() -> None:
    """Write the price book, one model a line so that a change is read in a diff."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="date of the snapshot")
    date = parser.parse_args().date
    distribution = importlib.metadata.distribution("litellm")
    source = Path(str(distribution.locate_file("litellm/model_prices_and_context_window_backup.json")))
    models = json.loads(source.read_text(encoding="utf-8"))
    prices = {
        name: entry(model)
        for name, model in sorted(models.items())
        if model.get("mode") == "chat" and all(model.get(RATES[side]) is not None for side in ("input", "output"))
    }
    head = json.dumps({"source": f"litellm {distribution.version}", "date": date}, separators=(",", ":"))
    lines = (f"{json.dumps(name)}:{json.dumps(kept, separators=(',', ':'))}" for name, kept in prices.items())
    OUTPUT.write_text(head[:-1] + ',"prices":{\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
    sys.stdout.write(f"{len(prices)} prices of {distribution.version} written\n")


if __name__ == "__main__":
    main()
