"""Which engine there is; engines are imported when a pattern is compiled, so that a command line starts without."""

from collections.abc import Sequence
from importlib import import_module
from typing import Final, cast

from gateway.patterns.pattern import Compile, Matcher, Pattern

ENGINES: Final[dict[str, tuple[str, str]]] = {
    "hyperscan": ("gateway.patterns.hyperscan_engine", "HyperscanMatcher"),
    "re2": ("gateway.patterns.re2_engine", "Re2Matcher"),
}
"""Name → where it is, best first."""


def compile_patterns(patterns: Sequence[Pattern], engine: str | None = None) -> Matcher:
    """Compile with the best engine that is installed, or with one by name.

    Raises:
        ValueError: an expression is not one that the engine can run in linear time.
        ImportError: there is no engine at all.
    """
    missing: ImportError | None = None
    for name in ENGINES if engine is None else (engine,):
        module, attribute = ENGINES[name]
        try:
            compile_ = cast("Compile", getattr(import_module(module), attribute))
        except ImportError as error:
            missing = error
            continue
        return compile_(patterns)
    assert missing is not None
    raise missing
