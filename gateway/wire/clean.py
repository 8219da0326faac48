"""Upstream error messages made fit for a caller: no file path, no internal URL, no address, no key."""

import re
from typing import Final

_LIMIT: Final = 400
_LOOKED_AT: Final = 4000
"""What is read of a message at all: the patterns below are not linear."""
_TRACE: Final = re.compile(r'(?:^|\n)\s*(?:File "|Traceback|at \S+\().*', re.DOTALL)
_INPUT: Final = re.compile(r"'input': .*?(?=, 'ctx'|\})", re.DOTALL)
_NAME: Final = r"[\w.@+-]{1,255}"
_SUFFIX: Final = (
    r"\.(?:c|cc|cpp|cu|cuh|gguf|go|h|hpp|jinja|jinja2|js|json|md|pem|py|pyc|pyi|rs|safetensors|sh|so|toml|ts|txt|ya?ml)"
)
_CUTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{0,30}://\S+", re.IGNORECASE), "[url]"),
    (re.compile(r"\bBearer\s+\S+", re.IGNORECASE), "[key]"),
    (re.compile(r"\b(?:sk|pk|rk|gwk|hf|ghp|gho|glpat|xai|gsk)[-_][\w*.-]{6,}", re.IGNORECASE), "[key]"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9*]{8,}|\bAIza[\w*-]{8,}|\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"), "[key]"),
    (re.compile(rf"(?<![\w.])(?:~|\.{{0,2}})?/(?:{_NAME}/)+(?:{_NAME})?(?::\d+)*"), "[path]"),
    (re.compile(rf"(?<![\w./])(?:{_NAME}/)+{_NAME}{_SUFFIX}\b(?::\d+)*"), "[path]"),
    (re.compile(rf"(?<![\w./])/{_NAME}{_SUFFIX}\b(?::\d+)*"), "[path]"),
    (re.compile(r"\b[A-Za-z]:\\(?:[\w .@+-]{1,255}\\)*[\w.@+-]*"), "[path]"),
    (re.compile(r"\\\\[\w.@+-]+\\[\w .@+\\-]*"), "[path]"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b"), "[address]"),
    (
        re.compile(
            r"\[?(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?)(?![\w:])(?:%\w+)?(?:\](?::\d+)?)?",
            re.IGNORECASE,
        ),
        "[address]",
    ),
    (re.compile(r"\b(?:localhost|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,12}):\d{1,5}\b", re.IGNORECASE), "[address]"),
    (
        re.compile(
            r"\b[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,12}\.(?:local|internal|svc|lan|corp|intranet|localdomain)\b",
            re.IGNORECASE,
        ),
        "[address]",
    ),
    (re.compile(r"\b(?:host|hostname|server)\s*=\s*(?:'[^']*'|\"[^\"]*\"|[^\s,)]+)", re.IGNORECASE), "[address]"),
)


def clean(message: str) -> str:
    """Return what a caller may read of an upstream's error message, on one line of bounded length."""
    text = _INPUT.sub("'input': …", _TRACE.sub("", message[:_LOOKED_AT]))
    for pattern, replacement in _CUTS:
        text = pattern.sub(replacement, text)
    text = " ".join(text.split())
    return text if len(text) <= _LIMIT else text[: _LIMIT - 1] + "…"
