"""What a scan tells: the label, and the parts it is made of."""

from dataclasses import dataclass

from gateway.domain.label import Label
from gateway.sensitivity.finding import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of finding contributes to the label."""

    kind: str
    """A detector's kind, ``unscannable``, ``<kind>:failed``, ``custom:<id>``, ``word_list:<id>``."""
    label: Label
    turn: int | None = None
    """The first message that holds one; None if any stands outside of the messages, where every turn sees it."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a request holds: its label and where that comes from."""

    label: Label
    findings: tuple[Finding, ...]
    text_bytes: int
    """UTF-8 length of all strings."""
    parts: tuple[Part, ...] = ()
    """One a kind, sorted by kind; the label is the join of theirs."""
    excepted: tuple[str, ...] = ()
    """The exceptions that excused a finding, sorted."""
    sealed: tuple[str, ...] = ()
    """SHA-256 (hex) of each blob that only its vendor can read, sorted; neither scanned nor un-scannable."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in one text that holds matter of a kind."""

    start: int
    end: int
    kind: str
