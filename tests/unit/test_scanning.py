"""What cannot be read, or not in time, is never taken for read."""

import json
import threading
from typing import ClassVar

import anyio
import pytest
from support.fakes import PdfReader, pdf_part

from gateway import scanning
from gateway.scanning import INLINE_BYTES, LARGE_BYTES, ScanFailed, read_documents, scanned
from gateway.sensitivity.result import Document

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [10, INLINE_BYTES + 1, LARGE_BYTES + 1])
async def test_a_scan_returns_what_it_found(size):
    assert await scanned(lambda: "found", size) == "found"


async def test_a_small_text_is_read_without_a_thread():
    assert await scanned(threading.get_ident, INLINE_BYTES) == threading.get_ident()
    assert await scanned(threading.get_ident, INLINE_BYTES + 1) != threading.get_ident()


@pytest.mark.parametrize("size", [10, INLINE_BYTES + 1])
async def test_a_scan_that_fails_says_so(size):
    def broken() -> None:
        raise LookupError

    with pytest.raises(ScanFailed) as failed:
        await scanned(broken, size)
    assert failed.value.reason == "failed"


async def test_a_scan_that_is_late_says_so(monkeypatch):
    monkeypatch.setattr(scanning, "SCAN_SECONDS", 0.01)
    end = threading.Event()
    try:
        with pytest.raises(ScanFailed) as failed:
            await scanned(end.wait, INLINE_BYTES + 1)
        assert failed.value.reason == "late"
    finally:
        end.set()


async def test_slow_scans_of_large_bodies_do_not_delay_others(monkeypatch):
    monkeypatch.setattr(scanning, "SCAN_SECONDS", 0.05)
    end = threading.Event()

    async def slow() -> None:
        with pytest.raises(ScanFailed):
            await scanned(end.wait, LARGE_BYTES + 1)

    try:
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(slow)
        # All of them are late, and their threads still run.
        monkeypatch.setattr(scanning, "SCAN_SECONDS", 60.0)
        assert await scanned(lambda: "found", INLINE_BYTES + 1) == "found"
    finally:
        end.set()


async def test_who_hangs_up_keeps_the_place_of_a_thread_that_is_still_at_work(monkeypatch):
    monkeypatch.setattr(scanning, "_ORDINARY", anyio.CapacityLimiter(2))
    end, at_work = threading.Event(), []

    def work() -> None:
        at_work.append(threading.get_ident())
        end.wait(10)

    try:
        for _ in range(5):
            with anyio.move_on_after(0.05):
                await scanning.off_loop(work, INLINE_BYTES + 1)
        assert len(at_work) == 2
    finally:
        end.set()
    with anyio.fail_after(10):
        assert await scanning.off_loop(lambda: "next", INLINE_BYTES + 1) == "next"


async def test_who_hangs_up_before_there_is_a_thread_leaves_the_place_to_others(monkeypatch):
    monkeypatch.setattr(scanning, "_ORDINARY", anyio.CapacityLimiter(1))
    for _ in range(5):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await scanning.off_loop(lambda: None, INLINE_BYTES + 1)
    for checkpoints in range(5):  # at each point before, while and after the thread is asked for
        async with anyio.create_task_group() as group:
            group.start_soon(scanning.off_loop, lambda: None, INLINE_BYTES + 1)
            for _ in range(checkpoints):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    with anyio.fail_after(10):
        assert await scanning.off_loop(lambda: "next", INLINE_BYTES + 1) == "next"


class TestDocuments:
    """PDFs are only looked for where one may be, and what is none is damaged."""

    PART = pdf_part(b"%PDF-1")
    TREE: ClassVar = {"messages": [{"role": "user", "content": [PART]}]}

    async def test_each_pdf_is_read_once_and_known_by_its_base64(self):
        reader = PdfReader({b"%PDF-1": "hello"})
        found = await read_documents({"messages": self.TREE["messages"] * 2}, json.dumps(self.TREE).encode(), reader)
        assert found == {self.PART["file"]["file_data"]: Document(("hello",))}
        assert reader.asked == 1

    async def test_a_body_without_one_asks_nobody(self):
        reader = PdfReader({})
        assert await read_documents({}, b"{}", reader) == {}
        assert await read_documents({"a": "a.pdf"}, b'{"a":"a.pdf"}', reader) == {}
        assert await read_documents(self.TREE, json.dumps(self.TREE).encode(), None) == {}
        assert reader.asked == 0

    async def test_what_is_no_base64_is_damaged(self):
        part = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,?"}}
        found = await read_documents({"messages": [{"content": [part]}]}, b"pdf", PdfReader({}))
        assert list(found.values()) == [Document(why="damaged")]
