"""Counting what one detector finds: distinct values, where they are, and what does not count."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from gateway.domain.exceptions import PolicyException
from gateway.domain.label import NOTHING, DataClass, Label, Part
from gateway.sensitivity.finding import Finding
from gateway.sensitivity.layer import RequestPlace
from gateway.sensitivity.mask import Value
from gateway.sensitivity.media import part_kind
from gateway.sensitivity.traces import Seen, Tracing, memory

ENOUGH = 64
"""After so many findings of one kind among the same texts the label is certain and the evidence full."""


class Tally:
    """The findings of one kind in one request. The values stay in here."""

    def __init__(
        self, kind: str, label: Label, needed: int, ignore: Sequence[str], likely: Label | None = None
    ) -> None:
        """Start at nothing. ``likely``: the label of findings that are only likely, if it is another one."""
        self.kind = kind
        self.findings: list[Finding] = []
        self.excepted: set[str] = set()
        self._labels = (label if likely is None else likely, label)
        self._label, self._needed, self._ignore = NOTHING, needed, ignore
        self._fresh = 0
        self._passed_over = False
        """Whether there may be values that were not looked at."""
        self._seen: dict[str, tuple[Label, int | None]] = {}
        self.values: dict[Value, Label] = {}
        """What was found, with the label of each; only gathered to be masked."""
        self._places: set[tuple[str, int, int]] = set()

    @property
    def full(self) -> bool:
        """Return whether there is nothing to learn from more of them."""
        return self._fresh >= ENOUGH and len(self._seen) >= self._needed

    def go_on(self) -> None:
        """Start with other texts: they may come before those that were counted."""
        self._passed_over |= self.full
        self._fresh = 0

    def add(
        self,
        value: str,
        place: RequestPlace,
        excused: Sequence[PolicyException],
        *,
        sure: bool = True,
        written: str | None = None,
    ) -> None:
        """Count a finding, unless policy says that it does not count. ``written``: as the request has it."""
        if self._ignore and any(fnmatchcase(value, glob) for glob in self._ignore):
            return
        leave = [exception.id for exception in excused if exception.excuses(self.kind, value)]
        if leave:
            self.excepted.update(leave)
            return
        known = self._seen.get(value)
        if known is None or known[1] is None:
            self._seen[value] = self._labels[sure], place.turn
        self._label = self._label.join(self._labels[sure])
        self._fresh += sure or self._labels[0] == self._labels[1]  # likely ones never hide a sure one that counts more
        if written is not None:
            self.values[Value(self.kind, written, value)] = self._labels[sure]
        where = (place.path, place.start, place.end)
        if where not in self._places:
            self._places.add(where)
            self.findings.append(Finding(self.kind, place.path, place.start, place.end, place.turn, sure))

    def memory(self, tracing: Tracing) -> list[Part]:
        """Return what a conversation must remember of this kind."""
        part = self.part()
        if part is None or not tracing.covers(self.kind):
            return [] if part is None else [part]
        seen = [Seen(value, label, turn) for value, (label, turn) in self._seen.items()]
        return memory(self.kind, seen, tracing, full=self._passed_over or self.full)

    def part(self) -> Part | None:
        """Return what this kind contributes to the label; None if there are too few of them."""
        if not self._seen or len(self._seen) < self._needed:
            return None
        return Part(self.kind, self._label, first_turn(self.findings))


def first_turn(findings: Sequence[Finding]) -> int | None:
    """Return the first message that holds one of the findings; None if all are outside of the messages.

    What is outside (tools, ``user``, ``metadata``) is sent with every request, and found again each time.
    """
    return min((finding.turn for finding in findings if finding.turn is not None), default=None)


def merged(parts: list[Part]) -> list[Part]:
    """Return one part a kind: a value that is found by its trace is of the same kind as others."""
    by_kind: dict[str, Part] = {}
    for part in parts:
        other = by_kind.get(part.kind)
        if other is not None:
            turn = min((one for one in (part.turn, other.turn) if one is not None), default=None)
            part = Part(part.kind, part.label.join(other.label), turn)  # noqa: PLW2901 -- what it becomes with the other
        by_kind[part.kind] = part
    return list(by_kind.values())


def unread_parts(unread: Sequence[Finding], classes: Mapping[str, DataClass], fallback: DataClass) -> list[Part]:
    """Return what each kind of unreadable content contributes; ``classes``: of kinds with a class of their own."""
    kinds: dict[str, list[Finding]] = {}
    for one in unread:
        kinds.setdefault(part_kind(one.detector.partition(":")[2]), []).append(one)
    labels = {kind: Label(classes.get(kind.partition(":")[2] or "unknown", fallback)) for kind in kinds}
    return [Part(kind, labels[kind], first_turn(found)) for kind, found in kinds.items()]
