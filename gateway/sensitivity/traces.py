"""Values that a conversation held, remembered as keyed hashes, so that each is found again when it stands bare.

A client repeats what was said without the label that gave it away: in a summary, a tool's result, an edit. A trace says
how long a value is and where its longest run of letters and digits lies; with the hashes of both it is found again in
any text, and nobody can read it from the trace.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from gateway.domain.label import Label, Part
from gateway.sensitivity.occurrences import FEWEST, LEAST_RUN, RUN, longest_run
from gateway.sensitivity.words import Found

PREFIX: Final = "trace:"
"""Of the kind of the part in which a store keeps a trace: ``trace:KIND|RUN|SIZE|OFFSET|LENGTH|WHOLE``."""
UNTRACED: Final = "untraced:"
"""Of the kind of the part that stands for values that cannot be found again: they taint their conversation."""
MOST: Final = 256
"""Traces of one conversation."""
_BYTES: Final = 8


class Trace(NamedTuple):
    """One value that was found."""

    kind: str
    run: str
    """Hash of its longest run of letters and digits."""
    size: int
    """Characters of that run."""
    offset: int
    """Where the run begins in the value."""
    length: int
    """Characters of the value."""
    whole: str
    """Hash of the value."""
    label: Label


class Tracing(NamedTuple):
    """How the findings of a request are remembered."""

    secret: bytes
    covers: Callable[[str], bool]
    """Which kinds are traced; the parts of all others are remembered themselves."""
    known: frozenset[str] = frozenset()
    """Kinds of the parts of those that are remembered already."""


class Seen(NamedTuple):
    """A value, with what is known of it."""

    value: str
    label: Label
    turn: int | None


@lru_cache(maxsize=1024)
def trace_key(secret: bytes, team: str) -> bytes:
    """Return what the traces of a team are keyed with."""
    return blake2b(team.encode(), key=secret[:64], digest_size=32, person=b"trace").digest()


def memory(kind: str, seen: Sequence[Seen], tracing: Tracing, *, full: bool) -> list[Part]:
    """Return what a conversation must remember of values of one kind.

    Values that are too short to be found again, or too many, are remembered by their label. ``full``: there are more.
    """
    parts: list[Part] = []
    rest = [one for one in seen[:1] if full]
    fresh = 0
    for one in seen:
        part = _part(kind, one, tracing.secret)
        if part is None or (part.kind not in tracing.known and len(tracing.known) + fresh >= MOST):
            rest.append(one)
            continue
        fresh += part.kind not in tracing.known
        parts.append(part)
    return [*parts, *[Part(f"{UNTRACED}{kind}", one.label, one.turn) for one in rest]]


def _part(kind: str, seen: Seen, secret: bytes) -> Part | None:
    offset, run = longest_run(seen.value)
    if len(run) < LEAST_RUN or len(seen.value) < FEWEST:
        return None
    words = (_hash(run, secret), len(run), offset, len(seen.value), _hash(seen.value, secret))
    return Part(f"{PREFIX}{kind}|{'|'.join(map(str, words))}", seen.label, seen.turn)


def _hash(text: str, secret: bytes) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), key=secret, digest_size=_BYTES).hexdigest()


def is_of_values(part: Part) -> bool:
    """Return whether a part stands for values that are masked, be they traced or not."""
    return part.kind.startswith((PREFIX, UNTRACED))


def split(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return the parts of a label, and those that are traces."""
    labels: list[Part] = []
    traces: list[Part] = []
    for part in parts:
        (traces if part.kind.startswith(PREFIX) else labels).append(part)
    return tuple(labels), tuple(traces)


class Traces:
    """Finds remembered values in a text."""

    def __init__(self, parts: Iterable[Part], secret: bytes) -> None:
        """Read the parts of a store; one that is no trace is left out."""
        self._secret = secret
        self._parts = parts = tuple(parts)
        self._by_run: dict[str, list[Trace]] = {}
        self.kinds = frozenset(part.kind for part in parts)
        for part in parts:
            trace = _read(part)
            if trace is not None:
                self._by_run.setdefault(trace.run, []).append(trace)
        self._sizes = {trace.size for traces in self._by_run.values() for trace in traces}

    def joined(self, parts: Sequence[Part], secret: bytes) -> "Traces":
        """Return these and those of more parts; ``secret``: what both are keyed with."""
        fresh = [part for part in parts if part.kind not in self.kinds]
        return Traces((*self._parts, *fresh), secret) if fresh else self

    def __bool__(self) -> bool:
        """Return whether there is anything to find."""
        return bool(self._by_run)

    def find(self, text: str) -> Iterator[Found]:
        """Yield where remembered values stand in a text."""
        runs = {run for run in set(RUN.findall(text)) if len(run) in self._sizes}
        wanted = {run: found for run in runs if (found := self._by_run.get(_hash(run, self._secret)))}
        if not wanted:
            return
        for run, traces in wanted.items():
            for place in _places(text, run):
                for trace in traces:
                    start = place - trace.offset
                    end = start + trace.length
                    if start >= 0 and end <= len(text) and _hash(text[start:end], self._secret) == trace.whole:
                        yield trace.kind, trace.label, 1, (), start, end


def _places(text: str, run: str) -> Iterator[int]:
    """Yield where a run stands whole: searching for it is faster than looking at every run of a long text."""
    place = text.find(run)
    while place >= 0:
        before, after = text[place - 1 : place] if place else "", text[place + len(run) : place + len(run) + 1]
        if not (_goes_on(run, before) or _goes_on(run, after)):
            yield place
        place = text.find(run, place + 1)


def _goes_on(run: str, beside: str) -> bool:
    return bool(beside) and (beside.isascii() and beside.isalnum() if run.isascii() else not beside.isascii())


def _read(part: Part) -> Trace | None:
    """Return the trace that a part stands for."""
    kind, *words = part.kind.removeprefix(PREFIX).split("|")
    try:
        run, size, offset, length, whole = words
        return Trace(kind, run, int(size), int(offset), int(length), whole, part.label)
    except ValueError:
        return None


NO_TRACES: Final = Traces((), b"")
