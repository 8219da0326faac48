"""The scanner of one policy: all that is sent, side by side, looked at in one pass; doubt is resolved upwards."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import DataClass, Label, joined
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.compiled import Compiled
from gateway.sensitivity.detectors import DETECTORS
from gateway.sensitivity.finding import Detector, Finding
from gateway.sensitivity.layer import Layer, layers
from gateway.sensitivity.mask import Value
from gateway.sensitivity.media import UNSCANNABLE
from gateway.sensitivity.result import NO_DOCUMENTS, Document, Documents, Scan, TextSpan
from gateway.sensitivity.seams import Text
from gateway.sensitivity.search import Search, never
from gateway.sensitivity.traces import NO_TRACES, Traces, Tracing
from gateway.sensitivity.walk import Read, Unscannable, walk


class Scanner:
    """Labels requests as one policy says. May be used by several threads at once."""

    def __init__(
        self, spec: SensitivitySpec, detectors: Sequence[Detector] = DETECTORS, engine: str | None = None
    ) -> None:
        """Compile what is not compiled yet."""
        self._compiled = Compiled.of(spec, detectors, engine)

    def scan(
        self,
        tree: Any,
        excused: Sequence[PolicyException] = (),
        *,
        one_is_enough: Callable[[str], bool] = never,
        traces: Traces = NO_TRACES,
        tracing: Tracing | None = None,
        unscannable: Sequence[tuple[str, DataClass]] = (),
        documents: Documents = NO_DOCUMENTS,
    ) -> Scan:
        """Return the label of everything in a request body; findings that an exception excuses do not count.

        A detector that raises counts as a finding of ``restricted``: it is unknown what it would have found.

        Args:
            tree: the body.
            excused: exceptions in force.
            one_is_enough: of which kinds one finding counts, however many policy says it takes.
            traces: values that the conversation held; they are findings wherever they stand.
            tracing: how the conversation is to remember what is found; None: as the parts of the label.
            unscannable: kinds of unreadable content that the team has a class of its own for.
            documents: what was read of its PDFs.
        """
        texts: list[Text] = []
        sealed: dict[str, str] = {}
        search = Search(self._compiled, excused, one_is_enough=one_is_enough, traces=traces, unscannable=unscannable)
        size = 0
        read: list[Read] = []
        for item in walk(tree, documents):
            if isinstance(item, Text):
                texts.append(item)
                size += 0 if item.offset else len(item.value) if item.value.isascii() else _bytes(item.value)
            elif isinstance(item, Unscannable):
                search.unread.append(Finding(f"{UNSCANNABLE}:{item.part_type}", item.path, 0, 0, item.turn))
            elif isinstance(item, Read):
                read.append(item)
            else:
                sealed[item.sha256] = item.value
        for layer in layers(texts):
            search.look(layer)
        for one in read:
            size += sum(map(_bytes, one.document.texts))
            search.read(one)
        if search.is_empty and not sealed:
            return Scan(Label(), (), size)
        parts = search.parts()
        kept = parts if tracing is None else search.memory(tracing)
        hashes = tuple(sorted(sealed))
        seals = tuple([sealed[one] for one in hashes])
        return Scan(joined(parts), search.evidence(), size, parts, search.excepted(), hashes, seals, kept)

    def values(
        self,
        tree: Any,
        excused: Sequence[PolicyException],
        covers: Callable[[str], bool],
        may_see: Callable[[Label], bool],
        traces: Traces = NO_TRACES,
    ) -> list[Value]:
        """Return what must be masked in a request body: values of kinds that are covered and may not be seen."""
        search = Search(self._compiled, excused, all_of_them=True, traces=traces)
        for layer in layers([item for item in walk(tree) if isinstance(item, Text)]):
            search.look(layer)
        return [value for value in search.values(may_see) if covers(value.kind)]

    def label_of(
        self, document: Document, excused: Sequence[PolicyException] = (), traces: Traces = NO_TRACES
    ) -> Label:
        """Return the label of what is written in a PDF."""
        search = Search(self._compiled, excused, traces=traces)
        search.read(Read("", document))
        return joined(search.parts())

    def classify(self, text: str) -> Label:
        """Return the label of one text."""
        return self.scan(text).label

    def spans(self, text: str, kinds: frozenset[str]) -> tuple[TextSpan, ...]:
        """Return where text of these kinds is found, sorted and without overlap; the longest match wins."""
        search = Search(self._compiled, all_of_them=True)
        search.look(Layer([Text("", text)]))
        found = [TextSpan(each.start, each.end, each.detector) for each in search.found() if each.detector in kinds]
        taken: list[TextSpan] = []
        for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
            place = bisect_left(taken, span.start, key=_start)
            before = place == 0 or taken[place - 1].end <= span.start
            if span.end > span.start and before and (place == len(taken) or span.end <= taken[place].start):
                taken.insert(place, span)
        return tuple(taken)


def _start(span: TextSpan) -> int:
    return span.start


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
