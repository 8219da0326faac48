"""What policy says about labelling: plain data, read by the scanner and by the rule of clearance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from gateway.domain.label import Category, DataClass, Label

MEDIA: Final = ("image", "audio", "pdf", "file")
"""Kinds of parts that cannot be read, and that a text can replace."""

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

    def labels(self, sure: DataClass, likely: DataClass, categories: frozenset[Category]) -> tuple[Label, Label]:
        """Return the labels of sure and of likely findings, where those are the detector's own.

        What is only likely and not even confidential is of no category: a published test card is no card.
        """
        level = sure if self.data_class is None else self.data_class
        less = self.likely_class
        if less is None:
            less = level if likely == sure else min(level, likely)
        lowered = less < level and less < DataClass.CONFIDENTIAL
        return Label(level, categories), Label(less, frozenset() if lowered else categories)


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


_PII: Final = frozenset({Category.PII})
BUILT_IN: Final[Mapping[str, tuple[DataClass, DataClass, frozenset[Category]]]] = {
    "secret": (DataClass.RESTRICTED, DataClass.RESTRICTED, frozenset({Category.SECRET})),
    "credit_card": (DataClass.RESTRICTED, DataClass.INTERNAL, frozenset({Category.PCI})),
    "iban": (DataClass.RESTRICTED, DataClass.RESTRICTED, _PII),
    "us_ssn": (DataClass.RESTRICTED, DataClass.RESTRICTED, _PII),
    "national_id": (DataClass.RESTRICTED, DataClass.RESTRICTED, _PII),
    "passport": (DataClass.RESTRICTED, DataClass.RESTRICTED, _PII),
    "email": (DataClass.CONFIDENTIAL, DataClass.CONFIDENTIAL, _PII),
    "phone": (DataClass.CONFIDENTIAL, DataClass.CONFIDENTIAL, _PII),
    "medical_record": (DataClass.CONFIDENTIAL, DataClass.CONFIDENTIAL, frozenset({Category.PHI, Category.PII})),
    "account_number": (DataClass.CONFIDENTIAL, DataClass.CONFIDENTIAL, _PII),
    "ip_address": (DataClass.INTERNAL, DataClass.INTERNAL, frozenset()),
}
"""Kind of a built-in detector → class of its sure findings, of its likely ones, and their categories."""


@dataclass(frozen=True, slots=True)
class SensitivitySpec:
    """The ``sensitivity`` block; the default is what an absent block means. Hashable: scanners are kept by it."""

    detectors: tuple[DetectorSpec, ...] = ()
    on_unscannable: DataClass = DataClass.RESTRICTED
    unscannable: tuple[tuple[str, DataClass], ...] = ()
    """Kinds of unreadable content (image, audio, pdf, file, unknown) with a class of their own, sorted."""
    default_mode: Mode = "enforce"
    team_modes: tuple[tuple[str, Mode], ...] = ()
    vendor_opaque: str = "same_vendor_only"
    session: str = "sticky"
    custom: tuple[CustomSpec, ...] = ()
    word_lists: tuple[WordListSpec, ...] = ()

    def mode_for(self, team: str) -> Mode:
        """Return the mode of a team."""
        return dict(self.team_modes).get(team, self.default_mode)

    def takes_unseen(self, default_class: DataClass) -> bool:
        """Return whether a sealed blob that nobody here has seen may go back to the vendor that its form names.

        ``default_class``: of its team. One whose texts are confidential from the start takes none.
        """
        return self.vendor_opaque == "same_vendor_only" and default_class < DataClass.CONFIDENTIAL

    def class_of_unread(self, kind: str, own: Iterable[tuple[str, DataClass]] = ()) -> DataClass:
        """Return the class of content of a kind that cannot be read; ``own``: a team's, which come first."""
        return dict((*self.unscannable, *own)).get(kind, self.on_unscannable)

    def labels(self) -> dict[str, tuple[Label, Label]]:
        """Return the labels of sure and of likely findings, by kind."""
        found: dict[str, tuple[Label, Label]] = {}
        settings = {setting.kind: setting for setting in self.detectors}
        for kind, defaults in BUILT_IN.items():
            setting = settings.get(kind) or DetectorSpec(kind)
            if setting.enabled:
                found[kind] = setting.labels(*defaults)
        for prefix, listed in (("custom", self.custom), ("word_list", self.word_lists)):
            for one in listed:
                found[f"{prefix}:{one.id}"] = (Label(one.data_class, one.categories),) * 2
        for kind in MEDIA:
            found[f"unscannable:{kind}"] = (Label(self.class_of_unread(kind)),) * 2
        return dict(sorted(found.items()))
