"""Runs scans of texts: small ones inline, larger ones in a thread, all within a time limit.

A scan that fails or is late raises :class:`ScanFailed`; what that means is the caller's to say, and it always means the
strictest. A thread cannot be stopped, so a late scan keeps its place until it ends: bodies above ``LARGE_BYTES`` have
places of their own, and slow ones among them delay no ordinary request.
"""

import asyncio
import math
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final, Literal, TypeVar

import anyio

from gateway.ports import DocumentReader
from gateway.sensitivity.pdfs import may_hold_pdfs, pdfs
from gateway.sensitivity.result import NO_DOCUMENTS, Document, Documents

INLINE_BYTES: Final = 16 * 1024
"""Up to here a thread hop costs more than the scan."""
LARGE_BYTES: Final = 1024 * 1024
SCAN_SECONDS: Final = 5.0
_ORDINARY: Final = anyio.CapacityLimiter(8)
_LARGE: Final = anyio.CapacityLimiter(4)
"""Threads of their own: slow scans must not keep the ledger waiting for one."""
_ANY: Final = anyio.CapacityLimiter(math.inf)
"""anyio gives a place back when its caller is cancelled; ours is given back when the thread ends."""

Found = TypeVar("Found")


class ScanFailed(Exception):
    """A text could not be read: it may hold anything."""

    def __init__(self, reason: Literal["late", "failed"]) -> None:
        super().__init__(reason)
        self.reason = reason


async def off_loop(work: Callable[[], Found], size: int) -> Found:
    """Return what ``work`` returns, of a text of ``size`` bytes: done in a thread if the loop would be held for long.

    Raises:
        Exception: whatever ``work`` raises.
    """
    if size <= INLINE_BYTES:
        return work()
    limiter, place, loop = _ORDINARY if size <= LARGE_BYTES else _LARGE, object(), asyncio.get_running_loop()
    began = threading.Event()

    def give_back() -> None:
        with suppress(RuntimeError):  # it was given back already
            limiter.release_on_behalf_of(place)

    def until_its_end() -> Found:
        began.set()
        try:
            return work()
        finally:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(give_back)

    await limiter.acquire_on_behalf_of(place)
    try:
        return await anyio.to_thread.run_sync(until_its_end, abandon_on_cancel=True, limiter=_ANY)
    finally:
        if not began.is_set():  # cancelled before there was a thread
            give_back()


async def read_documents(tree: Any, body: bytes, reader: DocumentReader | None) -> Documents:
    """Return what can be read of the PDFs in a request; without a reader nothing, and they count as pictures."""
    if reader is None or not may_hold_pdfs(body):
        return NO_DOCUMENTS
    files = await off_loop(partial(pdfs, tree), len(body))
    if not files:
        return NO_DOCUMENTS
    whole = {name: data for name, data in files.items() if data is not None}
    read = dict(zip(whole, await reader.read(list(whole.values())), strict=True))
    return {name: read.get(name, Document(why="damaged")) for name in files}


async def scanned(scan: Callable[[], Found], size: int) -> Found:
    """Return what ``scan`` returns; ``size`` is that of the text in bytes.

    Raises:
        ScanFailed: it raised anything, or took longer than ``SCAN_SECONDS``.
    """
    try:
        if size <= INLINE_BYTES:  # it cannot be interrupted
            return scan()
        with anyio.fail_after(SCAN_SECONDS):
            return await off_loop(scan, size)
    except TimeoutError:
        raise ScanFailed("late") from None
    except Exception as error:
        raise ScanFailed("failed") from error
