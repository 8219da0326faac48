"""The entries of one team: up to 200,000, and no operation that takes long for all of them at once.

They lie in many dicts, because one that large takes ten milliseconds when it grows. The dicts hold nothing but numbers
and texts, because the garbage collector passes over such dicts: it stopped the event loop for 150 milliseconds else.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import orjson

from gateway.domain.label import Label, Part

DRAWERS: Final = 64


class SessionEntry(NamedTuple):
    """What a conversation carried."""

    ends: float
    """On the monotonic clock, which nobody can set."""
    journalled: float
    """The use that its line in the journal stands for; minus infinity if it has none."""
    written: str = "{}"
    """Its labels by kind, as JSON."""
    vendor: str = ""

    @property
    def labels(self) -> Mapping[str, Label]:
        """Return its labels by kind. Shared: not to be changed."""
        return _read(self.written)

    def labelled(self, labels: Mapping[str, Label]) -> "SessionEntry":
        """Return it with other labels."""
        return self._replace(written=_written(labels))


@dataclass(slots=True)
class _Drawer:
    """Some of the entries: a dict a field, each by key."""

    ends: dict[str, float] = field(default_factory=dict)
    """In the order of the last use, and so of the ends."""
    journalled: dict[str, float] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    vendors: dict[str, str] = field(default_factory=dict)
    """Of sealed blocks alone."""

    def set(self, key: str, entry: SessionEntry) -> None:
        self.ends[key] = entry.ends
        self.journalled[key] = entry.journalled
        self.written[key] = entry.written
        if entry.vendor:
            self.vendors[key] = entry.vendor

    def remove(self, key: str) -> None:
        del self.ends[key], self.journalled[key], self.written[key]
        self.vendors.pop(key, None)

    def first_end(self) -> float:
        return self.ends[next(iter(self.ends))]


class Entries:
    """Entries by key; the one that was not used the longest is known."""

    def __init__(self) -> None:
        self._drawers = [_Drawer() for _ in range(DRAWERS)]
        self._size = 0
        self._next = 0
        """The drawer that is looked through next for what has ended."""

    def __len__(self) -> int:
        """Return how many there are."""
        return self._size

    def __iter__(self) -> Iterator[str]:
        """Yield all keys; one that comes or goes meanwhile may be left out."""
        for drawer in self._drawers:
            yield from list(drawer.ends)

    def get(self, key: str) -> SessionEntry | None:
        """Return an entry; None if there is none."""
        drawer = self._drawer(key)
        ends = drawer.ends.get(key)
        if ends is None:
            return None
        return SessionEntry(ends, drawer.journalled[key], drawer.written[key], drawer.vendors.get(key, ""))

    def carried(self, key: str, now: float) -> tuple[Part, ...] | None:
        """Return the label of a key by kinds; None if there is none, or it has ended."""
        drawer = self._drawer(key)
        if drawer.ends.get(key, now) <= now:
            return None
        return tuple([Part(kind, label) for kind, label in _read(drawer.written[key]).items()])

    def put(self, key: str, entry: SessionEntry) -> None:
        """Keep an entry as the one that was used last."""
        drawer = self._drawer(key)
        if drawer.ends.pop(key, None) is None:
            self._size += 1
        drawer.set(key, entry)

    def change(self, key: str, entry: SessionEntry) -> None:
        """Keep an entry that is there already in its place."""
        self._drawer(key).set(key, entry)

    def drop(self, key: str) -> None:
        """Remove an entry; there must be one."""
        self._drawer(key).remove(key)
        self._size -= 1

    def drop_oldest(self) -> None:
        """Remove the entry that was not used the longest; there must be one."""
        oldest = min((drawer for drawer in self._drawers if drawer.ends), key=_Drawer.first_end)
        oldest.remove(next(iter(oldest.ends)))
        self._size -= 1

    def forget(self, now: float, most: int) -> bool:
        """Remove entries that have ended, at most so many; True if there may be more."""
        for _ in range(DRAWERS):
            drawer = self._drawers[self._next]
            ended = []
            for key, ends in drawer.ends.items():
                if ends > now or not most:
                    break
                ended.append(key)
                most -= 1
            for key in ended:
                drawer.remove(key)
            self._size -= len(ended)
            if not most:
                return True
            self._next = (self._next + 1) % DRAWERS
        return False

    def sort(self) -> None:
        """Put entries in the order of their ends, in whatever order they came."""
        for drawer in self._drawers:
            drawer.ends = dict(sorted(drawer.ends.items(), key=lambda one: one[1]))

    def _drawer(self, key: str) -> _Drawer:
        return self._drawers[hash(key) % DRAWERS]


def _written(labels: Mapping[str, Label]) -> str:
    data = {kind: labels[kind].as_json() for kind in sorted(labels)}
    return sys.intern(orjson.dumps(data).decode())


@lru_cache(maxsize=1024)
def _read(written: str) -> dict[str, Label]:
    return {kind: Label.from_json(label) for kind, label in orjson.loads(written).items()}
