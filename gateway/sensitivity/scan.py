"""The label of a request: the scanner of a policy, made once, and the short ways to it."""

from functools import lru_cache
from typing import Any, Final

from gateway.domain.label import Label, Part
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.result import Scan, TextSpan
from gateway.sensitivity.scanner import Scanner

__all__ = ["KINDS", "Part", "Scan", "Scanner", "TextSpan", "classify_text", "scan_request", "scanner_for"]

KINDS: Final = tuple(detector.kind for detector in DETECTORS)


@lru_cache(maxsize=16)
def scanner_for(spec: SensitivitySpec) -> Scanner:
    """Return the scanner of a policy. The first of a process compiles the built-in patterns, in half a second."""
    return Scanner(spec)


def scan_request(tree: dict[str, Any], spec: SensitivitySpec) -> Scan:
    """Return the label of everything in a request body."""
    return scanner_for(spec).scan(tree)


def classify_text(text: str, spec: SensitivitySpec) -> Label:
    """Return the label of one text, as the cases of a policy give it."""
    return scanner_for(spec).classify(text)
