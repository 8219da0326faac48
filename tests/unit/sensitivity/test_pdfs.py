"""PDFs of a request: where they are, and what becomes of the request once they are read."""

from base64 import b64encode

import pytest

from gateway.domain.label import DataClass, Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.sensitivity.pdfs import may_hold_pdfs, pdfs
from gateway.sensitivity.result import Document
from gateway.sensitivity.scan import scanner_for
from gateway.sensitivity.traces import Tracing

BYTES = b"%PDF-1.7 and so on"
DATA = b64encode(BYTES).decode()
URL = "data:application/pdf;base64," + DATA
DOCUMENT = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": DATA}}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": URL}}
ITEM = {"type": "input_file", "filename": "a.pdf", "file_data": URL}
CARD = "the card 4539 1488 0343 6467"
READ, HELD = Document(("hello", "by a tool")), Document(("hello", CARD))


def body(*parts, role="user"):
    return {"messages": [{"role": role, "content": list(parts)}]}


def scan(tree, documents=(), **spec):
    return scanner_for(SensitivitySpec(**spec)).scan(tree, documents=dict(documents))


@pytest.mark.parametrize(("part", "name"), [(DOCUMENT, DATA), (FILE, URL), (ITEM, URL)])
def test_a_pdf_is_found_wherever_the_dialects_put_it(part, name):
    inside = {"type": "tool_result", "tool_use_id": "1", "content": [part]}
    assert pdfs(body(part)) == pdfs(body(inside)) == {name: BYTES}
    assert pdfs({"input": [{"role": "user", "content": [part]}]}) == {name: BYTES}


def test_what_is_no_base64_has_no_bytes():
    broken = {**FILE, "file": {"filename": "a.pdf", "file_data": URL + " and more"}}
    assert list(pdfs(body(broken)).values()) == [None]
    assert pdfs(body({"type": "file", "file": {"file_id": "f"}}, {"type": "text", "text": "a.pdf"})) == {}


@pytest.mark.parametrize("text", [DATA, "application/pdf", "A.PDF"])
def test_a_body_that_may_hold_one_is_known_by_its_bytes(text):
    assert may_hold_pdfs(b'{"a":"%s"}' % text.encode())
    assert not may_hold_pdfs(b'{"a":"hello"}')


@pytest.mark.parametrize(("part", "name"), [(DOCUMENT, DATA), (FILE, URL)])
def test_a_pdf_that_was_read_is_text_and_nothing_else(part, name):
    found = scan(body(part), {name: READ})
    assert (found.label, found.findings, found.parts) == (Label(), (), ())


def test_what_a_pdf_says_makes_its_whole_part_what_it_is():
    found = scan(body(DOCUMENT), {DATA: HELD})
    assert found.label.data_class is DataClass.RESTRICTED
    assert [(one.kind, one.turn, one.label) for one in found.parts] == [("unscannable:pdf", 0, found.label)]
    (evidence,) = found.findings
    assert (evidence.detector, evidence.path, evidence.turn) == ("credit_card", "messages[0].content[0].<page 2>", 0)


def test_a_pdf_that_could_not_be_read_counts_as_policy_says_and_says_why():
    found = scan(body(DOCUMENT), {DATA: Document(why="form")}, unscannable=(("pdf", DataClass.CONFIDENTIAL),))
    assert found.label == Label(DataClass.CONFIDENTIAL)
    assert [one.detector for one in found.findings] == ["unscannable:pdf:form"]
    unread = scan(body(DOCUMENT), unscannable=(("pdf", DataClass.CONFIDENTIAL),))
    assert [one.detector for one in unread.findings] == ["unscannable:pdf"]  # as without a reader


def test_an_archive_that_is_a_file_is_one_thing_that_cannot_be_read_not_two():
    archive = b64encode(b"PK\x03\x04 a sheet").decode()
    sheet = {"type": "file", "file": {"filename": "a.xlsx", "file_data": "data:application/zip;base64," + archive}}
    assert [one.kind for one in scan(body(sheet)).parts] == ["unscannable:file"]
    assert "unscannable" in [one.kind for one in scan(body({"type": "text", "text": archive})).parts]


def test_text_around_the_base64_of_a_file_is_still_read():
    beside = {**DOCUMENT, "title": CARD}
    inside = {**DOCUMENT, "source": {**DOCUMENT["source"], "data": DATA + " " + CARD}}
    for part in (beside, inside):
        assert "credit_card" in [one.kind for one in scan(body(part), {DATA: READ}).parts]


def test_a_conversation_remembers_what_a_pdf_said_unless_it_is_withheld_as_a_whole():
    scanner, tree = scanner_for(SensitivitySpec()), body(DOCUMENT)
    for covers, kept in ((lambda kind: kind == "credit_card", ["unscannable:pdf"]), (lambda _: True, [])):
        tracing = Tracing(b"s" * 32, covers)
        found = scanner.scan(tree, documents={DATA: HELD}, tracing=tracing)
        assert [part.kind for part in found.memory] == kept


def test_the_label_of_a_pdf_is_that_of_its_text():
    scanner = scanner_for(SensitivitySpec())
    assert scanner.label_of(READ) == Label()
    assert scanner.label_of(HELD) == scan(body(DOCUMENT), {DATA: HELD}).label
