"""Upstream error messages made fit for a caller: no file path, no internal URL, no address, no key."""

import re
from typing import Final

_LIMIT: Final = 400
_TRACE: Final = re.compile(r'\n\s*(?:File "|Traceback|at \S+\().*', re.DOTALL)
_INPUT: Final = re.compile(r"'input': .*?(?=, 'ctx'|\})", re.DOTALL)
_CUTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE), "[url]"),
    (re.compile(r"(?<![\w.])(?:~|\.{0,2})?/(?:[\w.@+-]+/)+[\w.@+-]*(?::\d+)*"), "[path]"),
    (re.compile(r"\b[A-Za-z]:\\(?:[\w .@+-]+\\)*[\w.@+-]*"), "[path]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"), "[address]"),
    (re.compile(r"\b(?:sk|pk|rk|gwk|hf|ghp)[-_][\w*.-]{6,}", re.IGNORECASE), "[key]"),
    (re.compile(r"\bBearer\s+\S+", re.IGNORECASE), "[key]"),
)


def clean(message: str) -> str:
    """Return what a caller may read of an upstream's error message, on one line of bounded length."""
    text = _INPUT.sub("'input': …", _TRACE.sub("", message))
    for pattern, replacement in _CUTS:
        text = pattern.sub(replacement, text)
    text = " ".join(text.split())
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"
