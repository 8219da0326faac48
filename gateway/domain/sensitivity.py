"""What policy says about labelling: plain data, read by the scanner and by the rule of clearance."""

from dataclasses import dataclass
from typing import Literal

from gateway.domain.label import Category, DataClass

Mode = Literal["enforce", "observe"]
"""``observe``: label and record what would be dropped, drop nothing."""

Validator = Literal["none", "luhn", "mod97", "mod11", "verhoeff"]
"""A checksum that a custom detector's matter must pass, over its letters and digits alone."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """How policy changes one built-in detector. None leaves the detector's own default."""

    kind: str
    data_class: DataClass | None = None
    min_distinct: int | None = None
    """Distinct findings that it takes before the class is raised."""
    ignore: tuple[str, ...] = ()
    """Globs of findings that do not count."""
    enabled: bool = True
    likely_class: DataClass | None = None
    """The class of findings that are only likely."""


@dataclass(frozen=True, slots=True)
class CustomSpec:
    """A detector that policy brings along: a pattern, and what must be near it or true of it."""

    id: str
    pattern: str
    data_class: DataClass
    categories: frozenset[Category] = frozenset()
    context: tuple[str, ...] = ()
    """Words of which one must be within ``within`` characters of the match; none: anywhere."""
    within: int = 40
    validator: Validator = "none"
    min_distinct: int = 1
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordListSpec:
    """Words and names that raise a label wherever they occur as whole words."""

    id: str
    words: tuple[str, ...]
    data_class: DataClass
    categories: frozenset[Category] = frozenset()
    case_sensitive: bool = False

    def __hash__(self) -> int:
        """Hash what is short: a scanner is looked up for every request, and thousands of words are too long for it."""
        return hash((self.id, len(self.words), self.data_class))


@dataclass(frozen=True, slots=True)
class SensitivitySpec:
    """The ``sensitivity`` block; the default is what an absent block means. Hashable: scanners are kept by it."""

    detectors: tuple[DetectorSpec, ...] = ()
    on_unscannable: DataClass = DataClass.RESTRICTED
    default_mode: Mode = "enforce"
    team_modes: tuple[tuple[str, Mode], ...] = ()
    vendor_opaque: str = "same_vendor_only"
    session: str = "sticky"
    custom: tuple[CustomSpec, ...] = ()
    word_lists: tuple[WordListSpec, ...] = ()

    def mode_for(self, team: str) -> Mode:
        """Return the mode of a team."""
        return dict(self.team_modes).get(team, self.default_mode)
