"""One scan: what is found in layer after layer, and what that adds up to."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from sys import maxsize
from typing import Final

from gateway.domain.exceptions import PolicyException
from gateway.domain.files import PDF
from gateway.domain.label import DataClass, Label, Part, joined
from gateway.patterns.pattern import Flood, Matcher
from gateway.sensitivity import decode, limits
from gateway.sensitivity.compiled import Compiled
from gateway.sensitivity.dumps import Token
from gateway.sensitivity.finding import LOOK, Extract, Finding, Hit
from gateway.sensitivity.layer import Decoded, Layer, RequestPlace, layers
from gateway.sensitivity.mask import Value
from gateway.sensitivity.media import UNSCANNABLE, part_kind
from gateway.sensitivity.quoted import whole
from gateway.sensitivity.seams import Text
from gateway.sensitivity.tally import ENOUGH, Tally, merged, unread_parts
from gateway.sensitivity.traces import NO_TRACES, Traces, Tracing
from gateway.sensitivity.vault import BEGUN, PREFIX
from gateway.sensitivity.walk import Read

YIELDING: Final = frozenset({"phone", "account_number", "medical_record", "ip_address"})
"""Kinds whose findings do not count inside of a finding of another kind."""
MEDIA: Final = f"{UNSCANNABLE}:"
QUOTED: Final = frozenset({"secret"})
"""Kinds whose values may hold quotes."""


def never(_kind: str) -> bool:
    """Return False."""
    return False


class Search:
    """What one scan has found so far."""

    def __init__(
        self,
        compiled: Compiled,
        excused: Sequence[PolicyException] = (),
        *,
        all_of_them: bool = False,
        one_is_enough: Callable[[str], bool] = never,
        traces: Traces = NO_TRACES,
        unscannable: Sequence[tuple[str, DataClass]] = (),
    ) -> None:
        """Begin one.

        Args:
            compiled: the policy's detectors.
            excused: exceptions in force.
            all_of_them: count each finding and keep its value, however many there are already.
            one_is_enough: of which kinds one finding counts, however many policy says it takes.
            traces: values that the conversation held.
            unscannable: kinds of unreadable content that the team has a class of its own for.
        """
        self._unscannable = (*compiled.unscannable, *unscannable)
        self._traces = traces
        self._finders = (*compiled.finders, traces) if traces else compiled.finders
        self._compiled, self._excused, self._all = compiled, excused, all_of_them
        self._one_is_enough = one_is_enough
        self.unread: list[Finding] = []
        self._may_open = limits.FEWEST_OPENED
        self._steps = maxsize if all_of_them else limits.FEWEST_STEPS
        """So many are left; what was scanned already is looked at in full, so that all of it is masked."""
        self._gave_up = False
        self._failed: dict[str, None] = {}
        self._tallies: dict[int, Tally] = {}
        """By the number of the detector; made once it finds something."""
        self._more: dict[str, Tally] = {}
        self._documents: list[Part] = []
        """What the text of each PDF contributes: nothing in it can be masked in the request."""
        self._in_documents: list[Finding] = []
        self._excepted: set[str] = set()
        self._firm: list[Hit] = []
        self._yielding: list[tuple[Tally, Hit]] = []

    def look(self, layer: Layer | Decoded) -> None:
        """Look at a layer, and at what is encoded in it."""
        for tally in self._each():
            tally.go_on()
        if layer.depth == 0:
            self._may_open += len(layer.view.data) // limits.BYTES_AN_OPENED
            self._steps += len(layer.view.data) // limits.BYTES_A_STEP
        tokens = self._triggered(layer)
        if not layer.view.text.isascii():
            self._look_for_other_scripts(layer)
        self._count_yielding(layer)
        self._look_for_users_own(layer)
        if tokens:
            self._open(layer, tokens)

    def _triggered(self, layer: Layer | Decoded) -> list[Token]:
        """Look at each place that a trigger names; return what is encoded there."""
        extracts, begins, begun = self._compiled.extracts, self._compiled.begins, dict[int, Extract]()
        idle = self._idle()
        tokens: list[Token] = [*layer.view.backwards()]
        openings = decode.Openings(layer.view.text)
        passed = 0
        for number, end in self._matches(self._compiled.matcher, layer, layer.view.data):
            owner, extract = extracts[number]
            if owner >= 0:
                if idle[owner]:
                    continue
                if number in begins:
                    extract = begun.get(number) or begun.setdefault(number, begins[number]())
                self._extract(owner, extract, layer, end, idle)
            elif end > passed and len(tokens) <= self._may_open:
                token = self._opened(openings, number, layer, end)
                if token is not None:
                    tokens.append(token)
                    passed = token[1]
            if self._steps < 0:
                self._give_up(layer, end)
                break
        return tokens

    def _idle(self) -> list[bool]:
        """Return which detectors need not look, by their number."""
        idle = list(self._compiled.disabled)
        for owner in self._tallies:
            idle[owner] = self._is_idle(owner)
        return idle

    def _is_idle(self, owner: int) -> bool:
        """Return whether a detector, by its number, need not look any more."""
        tally = self._tallies.get(owner)
        return not self._compiled.counts[owner].enabled or (tally is not None and tally.full and not self._all)

    def _give_up(self, layer: Layer | Decoded, end: int) -> None:
        """Note that it takes too much work to say what is there."""
        if not self._gave_up:
            self._gave_up = True
            self.unread.append(_unread("flood", layer.place(end - 1, end)))

    def read(self, item: Read) -> None:
        """Look at the text of a PDF; what is in it makes the whole part what it is."""
        inner = Search(self._compiled, self._excused, traces=self._traces)
        pages = item.document.texts
        for layer in layers([Text(f"{item.path}.<page {n}>", text, item.turn) for n, text in enumerate(pages, 1)]):
            inner.look(layer)
        if parts := inner.parts():
            self._documents.append(Part(part_kind(PDF), joined(parts), item.turn))
            self._in_documents += inner.evidence()
        self._excepted.update(inner.excepted())

    def _matches(self, matcher: Matcher, layer: Layer | Decoded, data: bytes) -> list[tuple[int, int]]:
        try:
            return matcher.find(data, limits.FEWEST_TRIES + len(data) // limits.BYTES_A_TRY)
        except Flood:
            self.unread.append(_unread("flood", layer.place(0, 1)))
            return []

    def _look_for_other_scripts(self, layer: Layer | Decoded) -> None:
        data = layer.view.text.encode("utf-8", "replace")
        place = character = 0
        idle = self._idle()
        for number, end in self._matches(self._compiled.scripts, layer, data):
            character += len(data[place:end].decode())
            place = end
            owner, extract = self._compiled.script_extracts[number]
            if not idle[owner]:
                self._extract(owner, extract, layer, character, idle)
            if self._steps < 0:
                self._give_up(layer, character)
                break

    def _extract(self, owner: int, extract: Extract, layer: Layer | Decoded, end: int, idle: list[bool]) -> None:
        counts, tally = self._compiled.counts[owner], self._tallies.get(owner)
        try:
            found = extract(layer.view.text, end)
        except Exception:  # noqa: BLE001 -- fail closed: a broken detector may have missed anything
            self._failed[counts.kind] = None
            return
        if found is None or isinstance(found, int):
            self._steps -= LOOK if found is None else found
            return
        most = None if self._all else ENOUGH + counts.needed
        hits = (found,) if isinstance(found, Hit) else tuple(islice(found, most))
        self._steps -= LOOK
        if counts.kind in QUOTED:
            hits = tuple([whole(layer, hit) for hit in hits])
        if tally is None:
            need = self._needed(counts.kind, counts.needed)
            tally = self._tallies[owner] = Tally(counts.kind, counts.label, need, counts.ignore, counts.likely)
        if counts.kind in YIELDING:
            self._yielding += [(tally, hit) for hit in hits]
            return
        self._firm += hits
        for hit in hits:
            self._count(tally, layer, hit)
        idle[owner] = self._is_idle(owner)

    def _needed(self, kind: str, needed: int) -> int:
        return 1 if self._all or self._one_is_enough(kind) else needed

    def _opened(self, openings: decode.Openings, number: int, layer: Layer | Decoded, end: int) -> Token | None:
        try:
            token = openings.at(number, end)
        except Exception:  # noqa: BLE001 -- fail closed: it is unknown what is encoded there
            self.unread.append(_unread("encoded", layer.place(end - 1, end)))
            return None
        if isinstance(token, tuple):
            return token
        self._steps -= LOOK if token is None else token
        return None

    def _count(self, tally: Tally, layer: Layer | Decoded, hit: Hit) -> None:
        value = layer.view.text[hit.start : hit.end]
        if PREFIX in value and not any(map(str.isalnum, BEGUN.sub("", value))):
            return  # our own placeholder, in an answer that came back
        place, written = layer.place(hit.start, hit.end), layer.written(hit.start, hit.end) if self._all else None
        tally.add(value, place, self._excused, sure=hit.sure, written=written)

    def _count_yielding(self, layer: Layer | Decoded) -> None:
        """Count what looks like less where nothing surer has been found: an IBAN is no telephone number."""
        if not self._yielding:
            self._firm = []
            return
        firm = sorted(self._firm, key=lambda hit: hit.start)
        for tally, hit in self._yielding:
            nearest = bisect_right(firm, hit.start, key=lambda one: one.start) - 1
            inside = nearest >= 0 and hit.end <= firm[nearest].end
            if not inside and (self._all or not tally.full):
                self._count(tally, layer, hit)
        self._firm, self._yielding = [], []

    def _look_for_users_own(self, layer: Layer | Decoded) -> None:
        for finder in self._finders:
            for kind, label, needed, ignore, start, end in finder.find(layer.view.text):
                tally = self._more.get(kind)
                if tally is None:
                    tally = self._more[kind] = Tally(kind, label, self._needed(kind, needed), ignore)
                if self._all or not tally.full:
                    self._count(tally, layer, Hit(start, end))

    def _open(self, layer: Layer | Decoded, tokens: Sequence[Token]) -> None:
        self._may_open -= len(tokens)
        if self._may_open < 0:
            self.unread.append(_unread("flood", layer.place(*tokens[-1][:2])))
            return
        readable: list[tuple[int, int, str]] = []
        for start, end, text in tokens:
            if text is None or layer.depth >= limits.DEEPEST:
                self.unread.append(_unread("encoded", layer.place(start, end)))
            else:
                readable.append((start, end, text))
        if readable:
            self.look(Decoded(layer, readable))

    def _each(self) -> list[Tally]:
        """Return the tallies of all that was found, detectors in their order."""
        return [*(self._tallies[number] for number in sorted(self._tallies)), *self._more.values()]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self._tallies or self._more or self._failed or self.unread or self._documents or self._excepted)

    def found(self) -> Iterator[Finding]:
        """Yield every finding that counts."""
        for tally in self._each():
            if tally.part() is not None:
                yield from tally.findings

    def values(self, may_see: Callable[[Label], bool]) -> list[Value]:
        """Return the values that a target may not see."""
        return [value for tally in self._each() for value, label in tally.values.items() if not may_see(label)]

    def parts(self) -> tuple[Part, ...]:
        """Return what each kind contributes, sorted by kind."""
        parts = merged([part for tally in self._each() if (part := tally.part())])
        parts += [Part(f"{kind}:failed", Label(DataClass.RESTRICTED), 0) for kind in self._failed]
        unread = unread_parts(self.unread, dict(self._unscannable), self._compiled.on_unscannable)
        parts += merged([*unread, *self._documents])
        return tuple(sorted(parts, key=lambda part: part.kind))

    def memory(self, tracing: Tracing) -> tuple[Part, ...]:
        """Return what the conversation must remember: traces of values where these do, else the parts themselves."""
        kept = [part for tally in self._each() for part in tally.memory(tracing)]
        rest = [part for part in self.parts() if part.kind not in {tally.kind for tally in self._each()}]
        return (*kept, *[part for part in rest if not (part.kind.startswith(MEDIA) and tracing.covers(part.kind))])

    def evidence(self) -> tuple[Finding, ...]:
        """Return the first findings, those that weigh most before the others."""
        failed = (Finding(f"{kind}:failed", "", 0, 0) for kind in self._failed)
        return (*failed, *self.unread, *self._in_documents, *self.found())[: limits.EVIDENCE]

    def excepted(self) -> tuple[str, ...]:
        """Return the exceptions that excused a finding."""
        return tuple(sorted(self._excepted.union(*[tally.excepted for tally in self._each()])))


def _unread(what: str, place: RequestPlace) -> Finding:
    return Finding(f"{UNSCANNABLE}:{what}", place.path, place.start, place.end, place.turn)
