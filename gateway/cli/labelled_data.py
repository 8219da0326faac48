"""Labelled texts for measuring the detectors: reading them, and the part that is held out."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON Lines file, compressed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def is_held_out(row_id: str) -> bool:
    """Tell whether a row is of the fifth that nothing is tuned to."""
    return hashlib.sha256(row_id.encode()).digest()[0] % 5 == 0
