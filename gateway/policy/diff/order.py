"""Lists whose order matters; a new order anywhere else is not an edit."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final

from gateway.policy.globs import literal_length

Lists = tuple[list[str], list[str]]

_WILD: Final = re.compile(r"[*?\[\]]")


def order_edits(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Lists]]:
    """Yield (list, the names before, the names after) for each list in which names changed places that matter."""
    before, after = old["order"], new["order"]
    for section in ("tasks", "rules"):
        lists = _common(before[section], after[section])
        if lists[0] != lists[1]:
            yield section, lists
    for model in sorted({model for model, _ in after["rollouts"]}):
        lists = _common(*([name for of, name in side["rollouts"] if of == model] for side in (before, after)))
        if lists[0] != lists[1]:
            yield "rollouts", lists
    lists = _common(before["models"], after["models"])
    if _turned(lists):
        yield "models", lists


def _common(before: list[str], after: list[str]) -> Lists:
    """Return both lists without what only one of them holds: coming and going are edits of their own."""
    return [name for name in before if name in after], [name for name in after if name in before]


def _turned(lists: Lists) -> bool:
    """Return whether two patterns that are equally specific and may match the same name changed places."""
    before, after = lists
    return any(
        literal_length(one) == literal_length(other) and _overlap(one, other) and after.index(one) > after.index(other)
        for one, other in combinations(before, 2)
    )


def _overlap(one: str, other: str) -> bool:
    """Return whether a name might match both globs: their literal heads and tails do not contradict each other."""
    heads = _WILD.split(one)[0], _WILD.split(other)[0]
    tails = _WILD.split(one)[-1], _WILD.split(other)[-1]
    return (heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])) and (
        tails[0].endswith(tails[1]) or tails[1].endswith(tails[0])
    )
