"""The label of a request: every detector over every text; doubt is resolved upwards."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Detector, Finding
from gateway.sensitivity.walk import Text, Unscannable, walk

KINDS: Final = tuple(detector.kind for detector in DETECTORS)
_EVIDENCE_LIMIT: Final = 32


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


def scan_request(tree: dict[str, Any], spec: SensitivitySpec, detectors: Sequence[Detector] = DETECTORS) -> Scan:
    """Return the label of everything in a request body.

    A detector that raises counts as a finding of ``restricted``: nobody knows what it would have found.
    """
    texts: list[Text] = []
    findings: list[Finding] = []
    label = Label()
    for item in walk(tree):
        if isinstance(item, Unscannable):
            label = label.join(Label(spec.on_unscannable))
            findings.append(Finding(f"unscannable:{item.part_type}", item.path, 0, 0))
        else:
            texts.append(item)
    found_label, found = _scan_texts(texts, spec, detectors)
    size = sum(len(text.value) if text.value.isascii() else len(text.value.encode()) for text in texts)
    return Scan(label.join(found_label), (*findings, *found)[:_EVIDENCE_LIMIT], size)


def classify_text(text: str, spec: SensitivitySpec) -> Label:
    """Return the label of one text, as the cases of a policy give it."""
    return _scan_texts([Text("text", text)], spec, DETECTORS)[0]


def _scan_texts(
    texts: Iterable[Text], spec: SensitivitySpec, detectors: Sequence[Detector]
) -> tuple[Label, list[Finding]]:
    settings: Mapping[str, DetectorSpec] = {setting.kind: setting for setting in spec.detectors}
    prepared = [_prepare(text) for text in texts if len(text.value) >= _SHORTEST]
    label = Label()
    findings: list[Finding] = []
    for detector in detectors:
        setting = settings.get(detector.kind) or DetectorSpec(detector.kind)
        if not setting.enabled:
            continue
        try:
            counted = _count(detector, setting, prepared)
        except Exception:  # noqa: BLE001 -- fail closed: a broken detector may have missed anything
            label = label.join(Label(DataClass.RESTRICTED))
            findings.append(Finding(f"{detector.kind}:failed", "", 0, 0))
            continue
        if len(counted) >= (setting.min_distinct or 1):
            level = detector.data_class if setting.data_class is None else setting.data_class
            label = label.join(Label(level, detector.categories))
            findings += [finding for places in counted.values() for finding in places]
    return label, findings


def _count(detector: Detector, setting: DetectorSpec, texts: Iterable[_Prepared]) -> Mapping[str, list[Finding]]:
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
            places = distinct[value]
            if found < _EVIDENCE_LIMIT or not places:
                places.append(Finding(detector.kind, path, hit.start, hit.end))
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
