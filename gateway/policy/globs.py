"""Globs (``*``, ``?``, ``[…]``), compiled when a policy is loaded: every call is matched against them."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from typing import Final

NOTHING: Final = re.compile(r"(?!)")

Match = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of what is seen of a call, each with globs of which one must match."""
Patterns = tuple[tuple[str, re.Pattern[str]], ...]


def any_of(globs: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern whose ``match`` finds the whole text if one of the globs does, in upper and lower case."""
    texts = [translate(glob) for glob in globs]
    return re.compile("|".join(texts)) if texts else NOTHING


def patterns_of(match: Match) -> Patterns:
    """Compile each list of globs."""
    return tuple([(name, any_of(globs)) for name, globs in match])


def all_match(patterns: Patterns, seen: Mapping[str, str]) -> bool:
    """Return whether one glob of each list matches."""
    return all(pattern.match(seen[name]) is not None for name, pattern in patterns)


def literal_length(glob: str) -> int:
    """Return how many characters of a glob stand for themselves: the more, the more specific it is."""
    return len(re.sub(r"\[[^\]]*\]|[*?]", "", glob))
