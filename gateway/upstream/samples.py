"""Records a local server's own counters once a minute: the true price of a token needs them.

Source: SGLang 0.5.23's /metrics as recorded.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import GpuSample, Record
from gateway.ports import Clock

PERIOD_S: Final = 60.0
_LINE: Final = re.compile(rb"^sglang:(\w+)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)
_SHARES: Final = frozenset({b"token_usage", b"cache_hit_rate"})
_NEEDED: Final = (b"prompt_tokens_total", b"generation_tokens_total")


class GpuSamples:
    """Writes samples; knows when each server is due."""

    def __init__(self, write: Callable[[Record], None], clock: Clock, random: Callable[[int], bytes]) -> None:
        self._write = write
        self._clock = clock
        self._random = random
        self._taken: dict[tuple[str, str], float] = {}

    def due(self, target: str, endpoint: str) -> bool:
        """Return whether it is time; after True the caller must take the sample."""
        now = self._clock.monotonic()
        if now - self._taken.get((target, endpoint), -PERIOD_S) < PERIOD_S:
            return False
        self._taken[target, endpoint] = now
        return True

    def take(self, target: str, endpoint: str, exposition: bytes) -> None:
        """Write what a server's metrics say; without its token counters it says nothing.

        A sample that cannot be written is lost: no call waits for it, and counters make up for it.
        """
        values = read(exposition)
        if not all(name in values for name in _NEEDED):
            return
        at = self._clock.wall_ns()
        sample = GpuSample(
            id=new_id("gpu", at // 1_000_000, self._random(RANDOM_BYTES)),
            at=at,
            target=target,
            server=urlsplit(endpoint).netloc.rpartition("@")[2],
            running=int(values.get(b"num_running_reqs", 0)),
            waiting=int(values.get(b"num_queue_reqs", 0)),
            tokens_per_second=values.get(b"gen_throughput", 0.0),
            token_usage=values.get(b"token_usage", 0.0),
            cache_hit_rate=values.get(b"cache_hit_rate", 0.0),
            input_tokens=int(values[b"prompt_tokens_total"]),
            cached_tokens=int(values.get(b"cached_tokens_total", 0)),
            output_tokens=int(values[b"generation_tokens_total"]),
        )
        with suppress(LedgerUnavailable):
            self._write(sample)


def read(exposition: bytes) -> dict[bytes, float]:
    """Return the numbers by name: of several ranks the sum, of shares the highest; non-numeric values are ignored."""
    values: dict[bytes, float] = {}
    for name, text in _LINE.findall(exposition):
        try:
            value = float(text)
        except ValueError:
            continue
        if not 0 <= value < 2**53:
            continue
        before = values.get(name, 0.0)
        values[name] = max(before, value) if name in _SHARES else before + value
    return values
