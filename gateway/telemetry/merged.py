"""The metrics of several workers as those of one edge: a scrape must not depend on which worker answers it."""

from collections.abc import Callable, Sequence
from operator import add
from typing import Final

from gateway.telemetry import names

_LEAST: Final = frozenset({names.POLICY_RELOAD_OK, names.KEYS_OK, names.BUDGET_LEFT})
"""Gauges of which the worst news counts."""
_PROCESS: Final = "gateway_edge_process_"
_START: Final = _PROCESS + "start_time_seconds"
_ADDED: Final = frozenset({"counter", "histogram", "summary"})


def merged(expositions: Sequence[bytes]) -> bytes:
    """Return one exposition of several in Prometheus' text format.

    Counters, histograms and what processes use are added up; of other gauges the greatest value counts, or the least
    where it is the worse one.
    """
    families: dict[str, tuple[list[str], dict[str, float]]] = {}
    for text in expositions:
        combine: Callable[[float, float], float] = add
        lines: list[str] = []
        samples: dict[str, float] = {}
        for line in text.decode().splitlines():
            if line.startswith("# HELP "):
                lines = [line]
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                combine = _rule(name, kind)
                samples = families.setdefault(name, ([*lines, line], {}))[1]
                lines = []
            elif line:
                sample, _, value = line.rpartition(" ")
                seen = samples.get(sample)
                samples[sample] = float(value) if seen is None else combine(seen, float(value))
    return "".join(_written(*family) for family in families.values()).encode()


def _rule(name: str, kind: str) -> Callable[[float, float], float]:
    if kind in _ADDED or name == names.IN_FLIGHT or (name.startswith(_PROCESS) and name != _START):
        return add
    return min if name in _LEAST else max


def _written(head: Sequence[str], samples: dict[str, float]) -> str:
    return "".join(f"{line}\n" for line in (*head, *(f"{sample} {value!r}" for sample, value in samples.items())))
