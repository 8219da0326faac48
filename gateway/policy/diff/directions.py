"""Whether a value that differs lets more through: for levels, sets and numbers."""

from collections.abc import Callable, Collection
from typing import Any

from gateway.domain.label import DataClass
from gateway.policy.diff.change import Kind

Kinds = tuple[Kind, ...]
Direction = Callable[[Any, Any], Kinds]


def lower_widens(before: str, after: str) -> Kinds:
    """Judge a data class that a text gets: the lower it is, the more may be sent."""
    if before == after:
        return ()
    return (Kind.WIDENS,) if DataClass.parse(after) < DataClass.parse(before) else (Kind.NARROWS,)


def higher_widens(before: str, after: str) -> Kinds:
    """Judge a data class that something may see."""
    return lower_widens(after, before)


def fewer_widens(before: Collection[Any], after: Collection[Any]) -> Kinds:
    """Judge a set of what is looked for; a set may do both."""
    return more_widens(after, before)


def more_widens(before: Collection[Any], after: Collection[Any]) -> Kinds:
    """Judge a set of what is let through."""
    kinds = [Kind.WIDENS] if set(after) - set(before) else []
    return tuple(kinds + ([Kind.NARROWS] if set(before) - set(after) else []))


def greater_widens(before: float, after: float) -> Kinds:
    """Judge a number, or no and yes: the greater, the more is let through."""
    return (Kind.WIDENS,) if after > before else (Kind.NARROWS,)


def less_widens(before: float, after: float) -> Kinds:
    """Judge a number: the less, the more is let through."""
    return greater_widens(after, before)


def none_is_all(inner: Direction, *, whole: Kind) -> Direction:
    """Judge a set of which an empty one means everything; ``whole``: what it is to reach everything."""
    part = Kind.NARROWS if whole is Kind.WIDENS else Kind.WIDENS

    def judged(before: Collection[Any], after: Collection[Any]) -> Kinds:
        if bool(before) == bool(after):
            return inner(before, after)
        return (part,) if after else (whole,)

    return judged


def unknown_widens(before: Any, after: Any) -> Kinds:
    """Judge what cannot be compared: it may permit more, so it counts as if it did."""
    del before, after
    return (Kind.WIDENS,)
