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
}
LIMITS: Final = {"context_window": "max_input_tokens", "max_output_tokens": "max_output_tokens"}


def rate(value: object) -> int | None:
    """Return nano-dollars per million tokens, rounded up; None stays None and zero stays zero."""
    if not isinstance(value, int | float | str):
        return None
    return -int(-Decimal(str(value)) * NANOS_PER_MTOK // 1)


def long_context(model: dict[str, Any]) -> int | None:
    """Return the input tokens above which a model is dearer; None if it never is."""
    prefix, suffix = "input_cost_per_token_above_", "k_tokens"
    tiers = [key[len(prefix) : -len(suffix)] for key in model if key.startswith(prefix) and key.endswith(suffix)]
    return min((int(tier) * 1000 for tier in tiers if tier.isdigit()), default=None)


def entry(model: dict[str, Any]) -> dict[str, Any]:
    """Return what the price book keeps of a model; what the map does not say is left out."""
    kept: dict[str, Any] = {name: rate(model.get(key)) for name, key in RATES.items()}
    for name, key in LIMITS.items():
        value = model.get(key)
        kept[name] = int(value) if isinstance(value, int | float) and value > 0 else None
    kept["long_context_from"] = long_context(model)
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
