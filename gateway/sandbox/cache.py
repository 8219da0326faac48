"""A prefix cache with true hits: routing and cost depend on them, and a made-up rate would hide errors."""

from bisect import bisect_left, insort
from collections import OrderedDict

from gateway.sandbox.tokens import TOKEN_CHARACTERS, count


class PrefixCache:
    """Remembers texts and returns how long a prefix of a new one it has seen, as a radix tree would.

    In a sorted list the text that shares the longest prefix with another is next to it, so two
    comparisons answer. The texts used longest ago go first when the cache is full.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._sorted: list[str] = []
        self._used: OrderedDict[str, None] = OrderedDict()
        self._size = 0

    def match(self, text: str) -> int:
        """Return how many leading tokens of the text are cached."""
        at = bisect_left(self._sorted, text)
        neighbours = self._sorted[max(at - 1, 0) : at + 1]
        if not neighbours:
            return 0
        nearest = max(neighbours, key=lambda known: _shared(known, text))
        self._used.move_to_end(nearest)
        return _shared(nearest, text) // TOKEN_CHARACTERS

    def add(self, text: str) -> None:
        """Remember a text; the oldest ones are forgotten when there is no room."""
        if text in self._used:
            self._used.move_to_end(text)
            return
        insort(self._sorted, text)
        self._used[text] = None
        self._size += count(text)
        while self._size > self._capacity:
            self._forget()

    def clear(self) -> None:
        """Forget everything."""
        self._sorted.clear()
        self._used.clear()
        self._size = 0

    def _forget(self) -> None:
        oldest, _ = self._used.popitem(last=False)
        del self._sorted[bisect_left(self._sorted, oldest)]
        self._size -= count(oldest)


def _shared(left: str, right: str) -> int:
    """Length of the longest common prefix, by bisection: comparing slices is faster than walking."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
