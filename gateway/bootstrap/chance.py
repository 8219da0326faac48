"""Random bytes from the operating system, asked for in blocks: a system call for each id costs more than the id."""

import os
import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Final

PIECES: Final = 64
"""So many are asked for at once."""


class Chance:
    """Hands out random bytes, each of them once; from any thread."""

    def __init__(self, source: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Take where bytes come from: the number of bytes in, so many bytes out."""
        self._source = source
        self._spare: defaultdict[int, deque[bytes]] = defaultdict(deque)
        # What a fork of this process has in memory is not used there: both would make the same ids.
        os.register_at_fork(after_in_child=self._spare.clear)

    def __call__(self, size: int) -> bytes:
        """Return so many bytes."""
        spare = self._spare[size]
        try:
            return spare.pop()
        except IndexError:
            block = self._source(size * PIECES)
            spare.extend(block[at : at + size] for at in range(size, len(block), size))
            return block[:size]
