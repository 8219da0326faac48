"""PDFs behind their port, with the real worker and with scripted ones: what is read, what is late, what dies."""

import os
import sys
import zlib
from pathlib import Path

import anyio
import pytest

from gateway.deepscan import documents as module
from gateway.deepscan.documents import PdfReader
from gateway.sensitivity.result import Document

pytestmark = pytest.mark.anyio

HERE = Path(__file__).parent / "pdfs"
PLAIN, CARD = (HERE / "fpdf2-plain.pdf").read_bytes(), (HERE / "reportlab-card.pdf").read_bytes()
ENVIRONMENT = {"PATH": os.environ["PATH"]}
STARTS = "import sys,time,os,signal;sys.stdout.write('R');sys.stdout.flush();sys.stdin.buffer.read({});{}"


@pytest.fixture
async def reader():
    made = PdfReader(ENVIRONMENT, 30.0, 50)
    yield made
    await made.close()


async def scripted(then: str, deadline: float = 30.0) -> tuple[Document, PdfReader]:
    command = (sys.executable, "-c", STARTS.format(20 + len(PLAIN), then))
    made = PdfReader(ENVIRONMENT, deadline, 50, command)
    (found,) = await made.read([PLAIN])
    return found, made


async def test_files_are_read_one_after_another_and_again(reader):
    plain, card, again = await reader.read([PLAIN, CARD, PLAIN])
    assert plain.texts[0].startswith("Minutes of 12 March 2026")
    assert "4539 1488 0343 6467" in card.texts[0]
    assert again == plain


async def test_a_file_that_is_no_text_says_why_and_the_next_one_is_read(reader):
    form, plain = await reader.read([(HERE / "reportlab-form.pdf").read_bytes(), PLAIN])
    assert form == Document(why="form")
    assert plain.texts


async def test_calls_at_once_each_get_what_is_theirs(reader):
    found = {}

    async def read(name, data):
        (found[name],) = await reader.read([data])

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(read, number, CARD if number % 2 else PLAIN)
    assert [any("4539" in text for text in found[number].texts) for number in range(6)] == [False, True] * 3


async def test_a_file_that_takes_too_much_memory_is_a_picture_and_the_next_one_is_read(reader):
    pages = b"%PDF-1.7\n" + b"".join(b"%d 0 obj\n[%s]\nendobj\n" % (n, b"(a) " * 90_000) for n in range(1, 40))
    bomb = zlib.compress(b"0" * 70_000_000)
    nested = pages + b"9 0 obj\n<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream\nendobj\n" % (len(bomb), bomb)
    hostile, plain = await reader.read([nested + b"startxref\n9\n%%EOF\n", PLAIN])
    assert hostile.why
    assert plain.texts


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ("time.sleep(600)", "late"),
        ("os.kill(os.getpid(),signal.SIGXCPU)", "late"),
        ("os.kill(os.getpid(),signal.SIGKILL)", "failed"),
        ("sys.stdout.write('x');sys.exit(3)", "failed"),
    ],
)
async def test_a_worker_that_hangs_or_dies_makes_the_file_a_picture_and_is_replaced(then, why):
    found, made = await scripted(then, 1.0 if why == "late" else 30.0)
    assert found == Document(why=why)
    made.command, made.deadline = module.COMMAND, 30.0
    again, card = await made.read([PLAIN, CARD])
    assert again == found  # nobody waits for it twice
    assert card.texts
    await made.close()


async def test_a_reader_that_cannot_be_started_makes_files_pictures():
    made = PdfReader(ENVIRONMENT, 5.0, 50, ("/nowhere/python",))
    assert await made.read([PLAIN]) == [Document(why="failed")]
    await made.close()


async def test_a_file_that_is_too_large_is_not_handed_on(reader, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    assert await reader.read([PLAIN]) == [Document(why="size")]


async def test_who_hangs_up_leaves_nothing_for_the_next_caller(reader):
    await reader.read([PLAIN])
    with anyio.CancelScope() as scope:
        scope.cancel()
        await reader.read([CARD])
    (plain,) = await reader.read([PLAIN])
    assert plain.texts[0].startswith("Minutes")


async def test_a_hundred_thousand_pages_are_too_many(reader):
    head = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    kids = b"3 0 R " * 100_000
    body = (
        b"2 0 obj\n<</Type/Pages/Count 100000/Kids[%s]>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R>>\nendobj\n" % kids
    )
    data = head + body
    places = [data.index(b"%d 0 obj" % number) for number in (1, 2, 3)]
    table = b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    data += table + b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    (found,) = await reader.read([data])
    assert found.why in {"pages", "damaged", "size"}
