"""Labelled texts for measuring the detectors: reading them, what is held out, and prompts mixed from them."""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gateway.sensitivity.published_cards import PUBLISHED

Row = dict[str, Any]

STRUCTURED: Final = frozenset(
    {"ACCOUNT", "CARD", "DL", "EMAIL", "IBAN", "IP", "MRN", "NATID", "PASSPORT", "PHONE", "SECRET", "SSN"}
)
"""What has a shape or a label; names, places and dates have none."""
_HARMLESS_ALONE: Final = frozenset({"IP"})


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON Lines file, compressed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def is_held_out(row_id: str) -> bool:
    """Return whether a row is in the fifth that is not used for tuning."""
    return hashlib.sha256(row_id.encode()).digest()[0] % 5 == 0


def truth(row: Row) -> bool | None:
    """Return whether a text must be treated as sensitive; None if it only has names and places.

    The detectors do not claim to find those.
    """
    if not row["pos"]:
        return False
    if row["kind"] == "secret" or any(label in STRUCTURED - _HARMLESS_ALONE for _, _, label in row["spans"]):
        return True
    return None


_EXAMPLE_ADDRESS: Final = re.compile(r".*@(?:[\w-]+\.)*(?:example\.(?:com|org|net|edu)|example|test|invalid)")
_UUID: Final = re.compile(r"\W?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\W?", re.IGNORECASE)


def left_alone(row: Row) -> str:
    """Return why a sensitive row is not to be found: all that it holds are ``examples`` or ``UUIDs``; else nothing."""
    values = [row["text"][start:end] for start, end, label in row["spans"] if label in STRUCTURED]
    if not values:
        return ""
    if all(_EXAMPLE_ADDRESS.fullmatch(one) or re.sub(r"\D", "", one) in PUBLISHED for one in values):
        return "examples"
    return "UUIDs" if all(_UUID.fullmatch(one) for one in values) else ""


def mixed(rows: Sequence[Row], count: int, seed: int = 1) -> list[Row]:
    """Return prompts of which a fifth is sensitive: a harmless text with a sensitive row in it, or none.

    Personal data and secrets are half of the sensitive ones each; the others are harmless texts alone.
    """
    chance = random.Random(seed)  # noqa: S311 -- reproducible samples, no secrets
    clean = [row["text"] for row in rows if row["kind"] == "clean" and not row["pos"]]
    kinds = [
        [row for row in rows if truth(row) and row["kind"] == kind and len(row["text"]) < _LONGEST]
        for kind in ("pii", "secret")
    ]
    prompts: list[Row] = []
    for number in range(count):
        sensitive = number % 5 == 0
        text, why = chance.choice(clean), ""
        if sensitive:
            inside = chance.choice(kinds[number // 5 % 2])
            text, why = f"{text}\n\n{inside['text']}", left_alone(inside)
        row = {"id": f"mix:{number}", "src": "mixed", "text": text, "spans": [], "kind": "mixed", "pos": sensitive}
        prompts.append(row | {"left_alone": why})
    return prompts


_LONGEST: Final = 4000
