"""Result of a scan: the label and its parts; and what was read of PDFs, by a reader that is no part of this core."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from gateway.domain.label import Label, Part
from gateway.sensitivity.finding import Finding


class Scan(Struct, frozen=True):
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
    seals: tuple[str, ...] = ()
    """These blobs, in the same order."""
    memory: tuple[Part, ...] = ()
    """What the conversation must remember: the parts, or traces of their values where these are masked."""


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A place in one text that holds matter of a kind."""

    start: int
    end: int
    kind: str


class Document(Struct, frozen=True):
    """What was read of one PDF."""

    texts: tuple[str, ...] = ()
    """The text of each page, and at the end all other strings of the file."""
    why: str = ""
    """Why it counts as a picture, in a word; empty if it was read."""


Documents = Mapping[str, Document]
"""The base64 of a PDF, as it is in the request → what was read of it."""
NO_DOCUMENTS: Final[Documents] = {}
