"""Bounds how many generations run and wait, with the numbers that /v1/loads and /metrics report."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from gateway.sandbox.wire import QueueFull


class Slots:
    """Running and waiting generations; a client that hangs up leaves either at once."""

    def __init__(self, running: int, queued: int | None) -> None:
        self._free = anyio.Semaphore(running)
        self._queued = queued
        self.running = 0
        self.waiting = 0
        self.used_tokens = 0
        self.waiting_tokens = 0

    @asynccontextmanager
    async def slot(self, tokens: int) -> AsyncGenerator[None]:
        """Hold a place for a generation of so many tokens.

        Raises:
            QueueFull: Nothing is free and the queue is full.
        """
        await self._enter(tokens)
        self.running += 1
        self.used_tokens += tokens
        try:
            yield
        finally:
            self.running -= 1
            self.used_tokens -= tokens
            self._free.release()

    async def _enter(self, tokens: int) -> None:
        if self._free.value:
            self._free.acquire_nowait()
            return
        if self._queued is not None and self.waiting >= self._queued:
            raise QueueFull
        self.waiting += 1
        self.waiting_tokens += tokens
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
            self.waiting_tokens -= tokens
