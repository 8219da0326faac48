"""The sensitivity lattice: what a text is (label) and what a target may see (clearance)."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Self


class DataClass(IntEnum):
    """The level of a label; higher is more sensitive."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @property
    def word(self) -> str:
        """The lower-case word that YAML, headers and the ledger use."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Self:
        """Return the class of a lower-case word.

        Raises:
            KeyError: the word names no class.
        """
        return cls[word.upper()] if word == word.lower() else cls["?" + word]


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


@dataclass(frozen=True, slots=True)
class Label:
    """Data class + categories + regions it may be processed in (None: anywhere)."""

    data_class: DataClass = DataClass.PUBLIC
    categories: frozenset[Category] = frozenset()
    regions: frozenset[str] | None = None

    def join(self, other: "Label") -> "Label":
        """Return the least label that is at least as strict as both."""
        if self.regions is None:
            regions = other.regions
        elif other.regions is None:
            regions = self.regions
        else:
            regions = self.regions & other.regions
        return Label(max(self.data_class, other.data_class), self.categories | other.categories, regions)

    def covers(self, other: "Label") -> bool:
        """Tell whether this label is at least as strict as the other."""
        return self.join(other) == self


@dataclass(frozen=True, slots=True)
class Clearance:
    """The most sensitive label that a target may see, and the contracts that its vendor signed."""

    max: DataClass = DataClass.PUBLIC
    forbid: frozenset[Category] = frozenset()
    contracts: frozenset[str] = field(default=frozenset())

    def refusal(self, label: Label, region: str) -> str | None:
        """Say why a target of this clearance in ``region`` may not see ``label``; None if it may."""
        if label.data_class > self.max:
            return f"{label.data_class.word} data, cleared up to {self.max.word}"
        forbidden = sorted(label.categories & self.forbid)
        if forbidden:
            return f"holds {', '.join(forbidden)}, which this target may not see"
        if label.regions is not None and region not in label.regions:
            return f"may only be processed in {', '.join(sorted(label.regions)) or 'no region'}"
        return None
