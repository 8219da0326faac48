"""What a running sandbox remembers: requests, faults, numbers; all of it bounded, all of it resettable."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from gateway.sandbox.cache import PrefixCache
from gateway.sandbox.credentials import fingerprints, open_headers
from gateway.sandbox.faults import FaultBoard, Faults
from gateway.sandbox.settings import SandboxSettings, Vendor
from gateway.sandbox.slots import Slots
from gateway.sandbox.tokens import TOKEN_CHARACTERS
from gateway.sandbox.wire import Job, SandboxRequest, SandboxUsage

_REMEMBERED = 1000


@dataclass(slots=True)
class Record:
    """One request that was received, and how its answer went."""

    id: int
    request: SandboxRequest
    status: int | None = None
    stream: bool = False
    chunks_sent: int = 0
    finished: bool = False
    disconnected: bool = False
    cut: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return everything but credentials."""
        headers: Mapping[str, str] = self.request.headers
        return {
            "id": self.id,
            "method": self.request.method,
            "path": self.request.path,
            "query": dict(self.request.query),
            "headers": open_headers(headers),
            "credentials": fingerprints(headers),
            "traceparent": headers.get("traceparent"),
            "body": self.request.body.decode("utf-8", "replace"),
            "status": self.status,
            "stream": self.stream,
            "chunks_sent": self.chunks_sent,
            "finished": self.finished,
            "disconnected": self.disconnected,
        }


class Meters:
    """The numbers that the server reports of itself."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.slots = Slots(settings.max_running_requests, settings.max_queued_requests)
        self.cache = PrefixCache(settings.cache_tokens)
        self.reset()

    def reset(self) -> None:
        """Forget what was counted and cached; what runs goes on."""
        self.cache.clear()
        self.requests = self.aborted = 0
        self.prompt_tokens = self.cached_tokens = self.generated_tokens = 0

    @property
    def hit_rate(self) -> float:
        """Share of prompt tokens that were cached."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0

    def prefill(self, job: Job) -> SandboxUsage:
        """Look the prompt up in the cache, put it there, and count it."""
        wish, written = job.cache, 0
        length = len(wish.prefix) // TOKEN_CHARACTERS
        hit = wish.hit(self.cache.match(wish.prefix), job.prompt_tokens) if wish.prefix else 0
        if wish.prefix and length >= wish.minimum:
            self.cache.add(wish.prefix)
            written = length - hit if wish.billed else 0
        self.requests += 1
        self.prompt_tokens += job.prompt_tokens
        self.cached_tokens += hit
        return SandboxUsage(job.prompt_tokens, job.completion_tokens, hit, written)

    def finish(self, job: Job) -> None:
        """Count what was generated; where nothing is billed for it, the next turn finds the reply cached."""
        self.generated_tokens += job.completion_tokens
        if job.cache.prefix == job.prompt and len(job.prompt) // TOKEN_CHARACTERS >= job.cache.minimum:
            self.cache.add(job.prompt + job.replies[0].text)


@dataclass(slots=True)
class State:
    """Everything of one sandbox that changes."""

    vendor: Vendor
    settings: SandboxSettings
    meters: Meters
    faults: FaultBoard
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    open: int = 0
    _received: int = 0
    _changed: anyio.Event = field(default_factory=anyio.Event)

    @classmethod
    def start(cls, vendor: Vendor, settings: SandboxSettings) -> "State":
        """Make the state of a sandbox that has seen nothing."""
        return cls(vendor, settings, Meters(settings), FaultBoard(Faults.parse(settings.faults)))

    def receive(self, request: SandboxRequest) -> Record:
        """Remember a request that has just come in."""
        self._received += 1
        record = Record(self._received, request)
        self.records.append(record)
        return record

    def count_open(self, change: int) -> None:
        """Count a request that starts or ends."""
        self.open += change
        self._changed.set()
        self._changed = anyio.Event()

    async def until_open(self, wanted: int) -> None:
        """Wait until so many requests are being answered."""
        while self.open != wanted:
            await self._changed.wait()

    def reset(self) -> None:
        """Forget all that was received, counted, cached and broken since the start."""
        self.records.clear()
        self.meters.reset()
        self.faults.reset()
