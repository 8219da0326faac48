"""The label of a request: every detector over every text; doubt is resolved upwards."""

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
    """Return the distinct values that were found and where; the values stay in this module."""
    distinct: dict[str, list[Finding]] = defaultdict(list)
    for path, text, digits in texts:
        if digits < detector.min_digits:
            continue
        for hit in detector.scan(text):
            value = text[hit.start : hit.end]
            if not any(fnmatchcase(value, glob) for glob in setting.ignore):
                distinct[value].append(Finding(detector.kind, path, hit.start, hit.end))
    return distinct


def _prepare(text: Text) -> _Prepared:
    seen = readable(text.value)
    return text.path, seen, len(seen.encode().translate(None, _NOT_DIGITS))


def readable(text: str) -> str:
    """Return the text as a reader sees it: compatibility forms folded (NFKC), invisible characters removed."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(_digit(character) for character in folded if unicodedata.category(character) != "Cf")


def _digit(character: str) -> str:
    """Return the ASCII digit for any decimal digit, another character as it is."""
    return str(unicodedata.decimal(character, character)) if character > "\x7f" else character
