"""The sensitivity lattice: what a text is (label) and what a target may see (clearance)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Final, Self

from msgspec import Struct


class DataClass(IntEnum):
    """The level of a label; higher is more sensitive."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @property
    def word(self) -> str:
        """The lower-case word that YAML, headers and the ledger use."""
        return _WORDS[self]

    @classmethod
    def parse(cls, word: str) -> Self:
        """Return the class of a lower-case word.

        Raises:
            KeyError: the word names no class.
        """
        return cls[word.upper()] if word == word.lower() else cls["?" + word]


_WORDS: Final = tuple([level.name.lower() for level in DataClass])


class Category(StrEnum):
    """What kind of sensitive matter a text holds."""

    PII = "pii"
    PHI = "phi"
    PCI = "pci"
    SECRET = "secret"  # noqa: S105 -- a category's name, not a secret
    SOURCE = "source"
    EXPORT = "export"
    LEGAL = "legal"
    HR = "hr"


class Label(Struct, frozen=True):
    """Data class + categories + regions it may be processed in (None: anywhere)."""

    data_class: DataClass = DataClass.PUBLIC
    categories: frozenset[Category] = frozenset()
    regions: frozenset[str] | None = None

    def join(self, other: "Label") -> "Label":
        """Return the least label that is at least as strict as both."""
        if other is NOTHING:
            return self
        if self is NOTHING:
            return other
        if self.regions is None:
            regions = other.regions
        elif other.regions is None:
            regions = self.regions
        else:
            regions = self.regions & other.regions
        return Label(max(self.data_class, other.data_class), self.categories | other.categories, regions)

    def covers(self, other: "Label") -> bool:
        """Return whether this label is at least as strict as the other."""
        return self.join(other) == self

    def as_json(self) -> dict[str, Any]:
        """Return the label as plain JSON data, with words."""
        return {
            "data_class": _WORDS[self.data_class],
            "categories": sorted(self.categories) if self.categories else [],
            "regions": None if self.regions is None else sorted(self.regions),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Rebuild a label from :meth:`as_json`.

        Raises:
            KeyError: it is not one, or contains an unknown word.
            ValueError: likewise.
        """
        regions = data["regions"]
        return cls(
            DataClass.parse(data["data_class"]),
            frozenset(Category(word) for word in data["categories"]),
            None if regions is None else frozenset(regions),
        )


NOTHING: Final = Label()
"""Of what may go anywhere."""
UNKNOWN: Final = Label(DataClass.RESTRICTED, frozenset(Category))
"""Label of what could not be scanned: the highest class and every category."""


IN_ANSWER: Final = -1
"""In place of a message's index: what the answer to a request holds."""


class Part(Struct, frozen=True):
    """What one source adds to a label: a detector by its kind, content that cannot be read, the caller, a tool."""

    kind: str
    label: Label
    turn: int | None = None
    """Index of the first message that carries it, or :data:`IN_ANSWER`; None if it is outside of them, or all over."""


def joined(parts: Iterable[Part], label: Label = NOTHING) -> Label:
    """Return the join of a label with those of all parts."""
    for part in parts:
        label = label.join(part.label)
    return label


CONTRACT_FOR: Final[dict[Category, str]] = {Category.PHI: "baa"}
"""Categories that no vendor may see without a contract: 45 CFR 164.502(e) for protected health information."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """The most sensitive label that a target may see, and the contracts that its vendor signed."""

    max: DataClass = DataClass.PUBLIC
    forbid: frozenset[Category] = frozenset()
    contracts: frozenset[str] = frozenset()
    lacks: frozenset[tuple[Category, str]] = frozenset()
    """Categories that may only be sent under a contract which this vendor has not signed, with that contract."""
    mask: frozenset[str] = frozenset()
    """Kinds of detectors whose findings may be masked where the label would otherwise be too high."""
    whole: bool = field(init=False, compare=False, repr=False)
    """It covers every label that holds anywhere, :data:`UNKNOWN` too."""

    def __post_init__(self) -> None:
        """Calculate once what is asked before every attempt."""
        object.__setattr__(self, "whole", self.max == DataClass.RESTRICTED and not self.forbid and not self.lacks)

    def refusal(self, label: Label, region: str) -> str | None:
        """Say why a target of this clearance in ``region`` may not see ``label``; None if it may."""
        if label.data_class > self.max:
            return f"{label.data_class.word} data, cleared up to {self.max.word}"
        if label.categories:
            forbidden = sorted(label.categories & self.forbid)
            if forbidden:
                return f"holds {', '.join(forbidden)}, which this target may not see"
            lacking = sorted(
                f"{category} without {contract}" for category, contract in self.lacks if category in label.categories
            )
            if lacking:
                return f"holds {', '.join(lacking)}, a contract that its vendor has not signed"
        if label.regions is not None and region not in label.regions:
            return f"may only be processed in {', '.join(sorted(label.regions)) or 'no region'}"
        return None
