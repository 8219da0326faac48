"""The scanner of one policy: all that is sent, side by side, looked at in one pass; doubt is resolved upwards."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass, Label, Part
from gateway.domain.sensitivity import DetectorSpec, SensitivitySpec
from gateway.patterns.engine import compile_patterns
from gateway.patterns.pattern import Flood, Matcher
from gateway.sensitivity import decode
from gateway.sensitivity.custom import Customs
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Detector, Extract, Finding, Hit
from gateway.sensitivity.layer import Decoded, Layer, Place
from gateway.sensitivity.result import Scan, Span
from gateway.sensitivity.tally import Tally, first_turn
from gateway.sensitivity.walk import Text, Unscannable, walk
from gateway.sensitivity.words import Words

EVIDENCE: Final = 32
"""Maximum number of findings of a scan."""
DEEPEST: Final = 3
"""Encodings inside of each other that are undone; what is deeper cannot be read."""
FEWEST_TRIES: Final = 4000
BYTES_A_TRY: Final = 30
"""A text may give cause to look closer this often, or once in so many bytes; one that does so more often is a load."""
YIELDING: Final = frozenset({"phone", "account_number", "medical_record", "ip_address"})
"""Kinds whose findings do not count inside of a finding of another kind."""
UNSCANNABLE: Final = "unscannable"


class Scanner:
    """Labels requests as one policy says. May be used by several threads at once."""

    def __init__(
        self, spec: SensitivitySpec, detectors: Sequence[Detector] = DETECTORS, engine: str | None = None
    ) -> None:
        """Compile what is not compiled yet."""
        self._spec = spec
        self._detectors = tuple(detectors)
        self._matcher, self._extracts = _compiled(self._detectors, engine)
        settings = {setting.kind: setting for setting in spec.detectors}
        self._settings = [settings.get(detector.kind) or DetectorSpec(detector.kind) for detector in detectors]
        self._customs = Customs(spec.custom, engine) if spec.custom else None
        self._words = [Words(listed) for listed in spec.word_lists]

    def scan(self, tree: Any, excused: Sequence[PolicyException] = ()) -> Scan:
        """Return the label of everything in a request body; findings that an exception excuses do not count.

        A detector that raises counts as a finding of ``restricted``: it is unknown what it would have found.
        """
        texts: list[Text] = []
        sealed: set[str] = set()
        search = _Search(self, excused)
        size = 0
        for item in walk(tree):
            if isinstance(item, Text):
                texts.append(item)
                size += 0 if item.offset else len(item.value) if item.value.isascii() else _bytes(item.value)
            elif isinstance(item, Unscannable):
                search.unread.append(Finding(f"{UNSCANNABLE}:{item.part_type}", item.path, 0, 0, item.turn))
            else:
                sealed.add(item.sha256)
        for layer in _layers(texts):
            search.look(layer)
        parts = search.parts()
        label = Label()
        for part in parts:
            label = label.join(part.label)
        return Scan(label, search.evidence(), size, parts, search.excepted(), tuple(sorted(sealed)))

    def classify(self, text: str) -> Label:
        """Return the label of one text."""
        return self.scan(text).label

    def spans(self, text: str, kinds: frozenset[str]) -> tuple[Span, ...]:
        """Return where matter of these kinds stands in a text, sorted and without overlap; the longest one wins."""
        search = _Search(self, (), all_of_them=True)
        search.look(Layer([Text("", text)]))
        found = [Span(each.start, each.end, each.detector) for each in search.found() if each.detector in kinds]
        taken: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
            place = bisect_left(taken, span.start, key=_start)
            before = place == 0 or taken[place - 1].end <= span.start
            if span.end > span.start and before and (place == len(taken) or span.end <= taken[place].start):
                taken.insert(place, span)
        return tuple(taken)


def _start(span: Span) -> int:
    return span.start


class _Search:
    """What one scan has found so far."""

    def __init__(self, scanner: Scanner, excused: Sequence[PolicyException], *, all_of_them: bool = False) -> None:
        self._scanner, self._excused, self._all = scanner, excused, all_of_them
        self.unread: list[Finding] = []
        self._failed: dict[str, None] = {}
        self._tallies = [
            Tally(
                detector.kind,
                Label(detector.data_class if setting.data_class is None else setting.data_class, detector.categories),
                1 if all_of_them else setting.min_distinct or detector.min_distinct,
                setting.ignore,
            )
            for detector, setting in zip(scanner._detectors, scanner._settings, strict=True)  # noqa: SLF001
        ]
        self._more: dict[str, Tally] = {}
        self._firm: list[Hit] = []
        self._yielding: list[tuple[Tally, Hit]] = []

    def look(self, layer: Layer | Decoded) -> None:
        """Look at a layer, and at what is encoded in it."""
        scanner = self._scanner
        for tally in (*self._tallies, *self._more.values()):
            tally.go_on()
        most = FEWEST_TRIES + len(layer.view.data) // BYTES_A_TRY
        try:
            matches = scanner._matcher.find(layer.view.data, most)  # noqa: SLF001
        except Flood:
            self.unread.append(_unread("flood", layer.place(0, 1)))
            matches = []
        tokens: list[decode.Token] = []
        text = layer.view.text
        passed = 0
        for number, end in matches:
            owner, extract = scanner._extracts[number]  # noqa: SLF001
            if owner >= 0:
                self._extract(owner, extract, layer, end)
            elif end > passed:
                token = (decode.base64_at if number == 0 else decode.hex_at)(text, end)
                if token is not None:
                    tokens.append(token)
                    passed = token[1]
        self._count_yielding(layer)
        self._look_for_users_own(layer)
        if tokens:
            self._open(layer, tokens)

    def _extract(self, owner: int, extract: Extract, layer: Layer | Decoded, end: int) -> None:
        tally = self._tallies[owner]
        if not self._scanner._settings[owner].enabled or (tally.full and not self._all):  # noqa: SLF001
            return
        try:
            hit = extract(layer.view.text, end)
        except Exception:  # noqa: BLE001 -- fail closed: a broken detector may have missed anything
            self._failed[tally.kind] = None
            return
        if hit is None:
            return
        if tally.kind in YIELDING:
            self._yielding.append((tally, hit))
            return
        self._firm.append(hit)
        self._count(tally, layer, hit.start, hit.end)

    def _count(self, tally: Tally, layer: Layer | Decoded, start: int, end: int) -> None:
        tally.add(layer.view.text[start:end], layer.place(start, end), self._excused)

    def _count_yielding(self, layer: Layer | Decoded) -> None:
        """Count weaker findings where there is no stronger one: an IBAN is not a phone number."""
        firm = sorted(self._firm, key=lambda hit: hit.start)
        starts = [hit.start for hit in firm]
        for tally, hit in self._yielding:
            nearest = bisect_right(starts, hit.start) - 1
            inside = nearest >= 0 and hit.end <= firm[nearest].end
            if not inside and (self._all or not tally.full):
                self._count(tally, layer, hit.start, hit.end)
        self._firm, self._yielding = [], []

    def _look_for_users_own(self, layer: Layer | Decoded) -> None:
        scanner = self._scanner
        finders: list[Customs | Words] = [*scanner._words, *([scanner._customs] if scanner._customs else [])]  # noqa: SLF001
        for finder in finders:
            for kind, label, needed, ignore, start, end in finder.find(layer.view.text):
                tally = self._more.setdefault(kind, Tally(kind, label, needed, ignore))
                if self._all or not tally.full:
                    self._count(tally, layer, start, end)

    def _open(self, layer: Layer | Decoded, tokens: Iterable[decode.Token]) -> None:
        readable: list[tuple[int, int, str]] = []
        for start, end, text in tokens:
            if text is None or layer.depth >= DEEPEST:
                self.unread.append(_unread("encoded", layer.place(start, end)))
            else:
                readable.append((start, end, text))
        if readable:
            self.look(Decoded(layer, readable))

    def found(self) -> Iterator[Finding]:
        """Yield every finding that counts."""
        for tally in (*self._tallies, *self._more.values()):
            if tally.part() is not None:
                yield from tally.findings

    def parts(self) -> tuple[Part, ...]:
        """Return what each kind contributes, sorted by kind."""
        parts = [part for tally in (*self._tallies, *self._more.values()) if (part := tally.part())]
        parts += [Part(f"{kind}:failed", Label(DataClass.RESTRICTED)) for kind in self._failed]
        if self.unread:
            parts.append(Part(UNSCANNABLE, Label(self._scanner._spec.on_unscannable), first_turn(self.unread)))  # noqa: SLF001
        return tuple(sorted(parts, key=lambda part: part.kind))

    def evidence(self) -> tuple[Finding, ...]:
        """Return the first findings, those that weigh most before the others."""
        failed = [Finding(f"{kind}:failed", "", 0, 0) for kind in self._failed]
        return (*failed, *self.unread, *self.found())[:EVIDENCE]

    def excepted(self) -> tuple[str, ...]:
        """Return the exceptions that excused a finding."""
        return tuple(sorted(set().union(*(tally.excepted for tally in (*self._tallies, *self._more.values())))))


def _layers(texts: Sequence[Text]) -> Iterator[Layer]:
    """Yield the texts in layers: plain ones together, so that one odd letter does not make all of them slow."""
    plain = [text for text in texts if text.value.isascii()]
    if plain:
        yield Layer(plain)
    if len(plain) < len(texts):
        yield Layer([text for text in texts if not text.value.isascii()])


def _unread(what: str, place: Place) -> Finding:
    return Finding(f"{UNSCANNABLE}:{what}", place.path, place.start, place.end, place.turn)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=8)
def _compiled(detectors: tuple[Detector, ...], engine: str | None) -> tuple[Matcher, list[tuple[int, Extract]]]:
    """Return the matcher of all triggers, and whose each one is: minus one for encodings."""
    patterns = list(decode.PATTERNS)
    extracts: list[tuple[int, Extract]] = [(-1, _nothing)] * len(patterns)
    for owner, detector in enumerate(detectors):
        for each in detector.triggers:
            patterns.append(each.pattern)
            extracts.append((owner, each.extract))
    return compile_patterns(patterns, engine), extracts


def _nothing(_text: str, _end: int) -> None:
    return None
