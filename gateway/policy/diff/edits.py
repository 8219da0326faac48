"""Which parts of a policy differ, by name and field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.policy.diff.form import Form
from gateway.policy.diff.order import order_edits
from gateway.policy.diff.places import Words

_WHOLE: Final = frozenset({"rules", "floors", "invariants", "settings", "modes", "order"})
"""Sections whose items are compared as one: their fields only mean something together."""
_NESTED: Final = "clearance"


@dataclass(frozen=True, slots=True)
class Edit:
    """One part that differs; None on a side where it is not there."""

    path: Words
    before: Any
    after: Any

    @property
    def section(self) -> str:
        """Return the first word."""
        return self.path[0]

    @property
    def name(self) -> str:
        """Return what the item is called."""
        return self.path[1]

    @property
    def field(self) -> str:
        """Return the last word, empty if the whole item is meant."""
        return self.path[-1] if len(self.path) > 2 else ""  # noqa: PLR2004 -- section and name


def edits_between(old: Form, new: Form) -> list[Edit]:
    """Return all parts that differ, in the order of sections and names."""
    return [*_differing(old, new), *(Edit(("order", name), *lists) for name, lists in order_edits(old, new))]


def _differing(old: Form, new: Form) -> Iterator[Edit]:
    for section in new:
        if section == "order":
            continue
        for name in sorted({*old[section], *new[section]}):
            before, after = old[section].get(name), new[section].get(name)
            if before == after:
                continue
            if section in _WHOLE or before is None or after is None:
                yield Edit((section, name), before, after)
            else:
                yield from _fields((section, name), before, after)


def _fields(path: Words, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Edit]:
    for key in before:
        if before[key] != after[key]:
            if key == _NESTED:
                yield from _fields((*path, key), before[key], after[key])
            else:
                yield Edit((*path, key), before[key], after[key])
