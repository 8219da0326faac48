"""The label of a request: every detector over every text; doubt is resolved upwards."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass, Label, Part
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Detector, Finding
from gateway.sensitivity.walk import Text, Unscannable, walk

KINDS: Final = tuple(detector.kind for detector in DETECTORS)
_EVIDENCE_LIMIT: Final = 32
_TURN: Final = re.compile(r"(?:messages|input)\[(\d+)\]")


_SHORTEST: Final = 6
"""No finding is shorter than ``a@b.de``."""
_NOT_DIGITS: Final = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)  # noqa: PLR2004 -- ASCII 0 to 9

_ESCAPE: Final = re.compile(r'\\+(?:u(?!d[89a-f])([0-9a-f]{4})|([bfnrt"/]))', re.IGNORECASE)
_CONTROL: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
INVISIBLE: Final = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
"""Format characters (category Cf), variation selectors, fillers: between the digits of a number nobody sees them."""
_ODD: Final = re.compile(rf"(?![0-9])\d|[{INVISIBLE}]|[{_DASHES}]")

_Prepared = tuple[str, str, int]
"""Path, readable text, number of its digits."""


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


class Scanner:
    """Labels requests as one policy says."""

    def __init__(self, spec: SensitivitySpec, detectors: Sequence[Detector] = DETECTORS) -> None:
        self._spec, self._detectors = spec, detectors

    def scan(self, tree: Any, excused: Sequence[PolicyException] = ()) -> Scan:
        """Return the label of everything in a request body; findings that an exception excuses do not count.

        A detector that raises counts as a finding of ``restricted``: nobody knows what it would have found.
        """
        texts: list[Text] = []
        findings: list[Finding] = []
        for item in walk(tree):
            if isinstance(item, Unscannable):
                findings.append(Finding(f"unscannable:{item.part_type}", item.path, 0, 0, _turn(item.path)))
            else:
                texts.append(item)
        parts = [Part("unscannable", Label(self._spec.on_unscannable), _first(findings))] if findings else []
        used: set[str] = set()
        more, found = _scan_texts(texts, self._spec, self._detectors, excused, used)
        parts = sorted([*parts, *more], key=lambda part: part.kind)
        size = sum(len(text.value) if text.value.isascii() else len(text.value.encode()) for text in texts)
        evidence = (*findings, *found)[:_EVIDENCE_LIMIT]
        return Scan(_join(parts), evidence, size, tuple(parts), tuple(sorted(used)))

    def classify(self, text: str) -> Label:
        """Return the label of one text."""
        return _join(_scan_texts([Text("text", text)], self._spec, self._detectors, (), set())[0])

    def spans(self, text: str, kinds: frozenset[str]) -> tuple[Span, ...]:
        """Return where matter of these kinds stands in a text, sorted and without overlap."""
        _, found = _scan_texts([Text("text", text)], self._spec, self._detectors, (), set())
        spans: list[Span] = []
        for finding in sorted(found, key=lambda finding: (finding.start, -finding.end)):
            if finding.detector in kinds and (not spans or finding.start >= spans[-1].end):
                spans.append(Span(finding.start, finding.end, finding.detector))
        return tuple(spans)


@lru_cache(maxsize=32)
def scanner_for(spec: SensitivitySpec) -> Scanner:
    """Return the scanner of a policy; it is made once."""
    return Scanner(spec)


def scan_request(tree: dict[str, Any], spec: SensitivitySpec) -> Scan:
    """Return the label of everything in a request body."""
    return scanner_for(spec).scan(tree)


def classify_text(text: str, spec: SensitivitySpec) -> Label:
    """Return the label of one text, as the cases of a policy give it."""
    return scanner_for(spec).classify(text)


def _join(parts: Sequence[Part]) -> Label:
    label = Label()
    for part in parts:
        label = label.join(part.label)
    return label


def _turn(path: str) -> int | None:
    match = _TURN.match(path)
    return int(match[1]) if match else None


def _first(findings: Sequence[Finding]) -> int | None:
    turns = [finding.turn for finding in findings]
    return None if None in turns else min(turn for turn in turns if turn is not None)


def _scan_texts(
    texts: Iterable[Text],
    spec: SensitivitySpec,
    detectors: Sequence[Detector],
    excused: Sequence[PolicyException],
    used: set[str],
) -> tuple[list[Part], list[Finding]]:
    settings: Mapping[str, DetectorSpec] = {setting.kind: setting for setting in spec.detectors}
    prepared = [_prepare(text) for text in texts if len(text.value) >= _SHORTEST]
    parts: list[Part] = []
    findings: list[Finding] = []
    for detector in detectors:
        setting = settings.get(detector.kind) or DetectorSpec(detector.kind)
        if not setting.enabled:
            continue
        try:
            counted = _count(detector, setting, prepared, excused, used)
        except Exception:  # noqa: BLE001 -- fail closed: a broken detector may have missed anything
            parts.append(Part(f"{detector.kind}:failed", Label(DataClass.RESTRICTED)))
            findings.append(Finding(f"{detector.kind}:failed", "", 0, 0))
            continue
        if counted and len(counted) >= (setting.min_distinct or 1):
            level = detector.data_class if setting.data_class is None else setting.data_class
            found = [finding for places in counted.values() for finding in places]
            parts.append(Part(detector.kind, Label(level, detector.categories), _first(found)))
            findings += found
    return parts, findings


def _count(
    detector: Detector,
    setting: DetectorSpec,
    texts: Iterable[_Prepared],
    excused: Sequence[PolicyException],
    used: set[str],
) -> Mapping[str, list[Finding]]:
    """Return the distinct values that were found and where; the values stay in this module.

    Counting ends when the label is certain and the evidence full, so that a text of nothing but findings is no load.
    """
    distinct: dict[str, list[Finding]] = defaultdict(list)
    needed, found = setting.min_distinct or 1, 0
    for path, text, digits in texts:
        if digits < detector.min_digits:
            continue
        for hit in detector.scan(text):
            value = text[hit.start : hit.end]
            if any(fnmatchcase(value, glob) for glob in setting.ignore):
                continue
            leave = [exception.id for exception in excused if exception.excuses(detector.kind, value)]
            if leave:
                used.update(leave)
                continue
            places = distinct[value]
            if found < _EVIDENCE_LIMIT or not places:
                places.append(Finding(detector.kind, path, hit.start, hit.end, _turn(path)))
            found += 1
            if found >= _EVIDENCE_LIMIT and len(distinct) >= needed:
                return distinct
    return distinct


def _prepare(text: Text) -> _Prepared:
    seen = readable(text.value)
    return text.path, seen, len(seen.encode().translate(None, _NOT_DIGITS))


def readable(text: str) -> str:
    """Return the text as a reader sees it.

    Compatibility forms are folded (NFKC), invisible characters removed, all dashes and decimal digits are ASCII, and
    the escapes of JSON are undone, for the arguments of a tool are JSON inside a string.
    """
    if "\\" in text:
        text = _ESCAPE.sub(_unescaped, text)
    if text.isascii():
        return text
    return _ODD.sub(_plain, unicodedata.normalize("NFKC", text))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code, 16)) if code else _CONTROL.get(match[2], match[2])


def _plain(match: re.Match[str]) -> str:
    """Return the ASCII digit for any decimal digit, a hyphen for any dash, and nothing for what nobody sees."""
    character = match[0]
    if character in _DASHES:
        return "-"
    return str(unicodedata.decimal(character, ""))
