"""Documents and files of messages: text, PDF or something else."""

import pytest

from gateway.domain.files import data_of, file_type, is_opaque

PDF = "JVBERi0xLjQK"


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"type": "document", "source": {"type": "text", "data": "hello"}}, ""),
        ({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "x"}}, "pdf"),
        ({"type": "document", "source": {"type": "base64", "media_type": "text/plain", "data": PDF}}, "pdf"),
        ({"type": "document", "source": {"type": "url", "url": "https://a.example/"}}, "document"),
        ({"type": "document", "source": None}, "document"),
        ({"type": "file", "file": {"filename": "A.PDF", "file_data": "x"}}, "pdf"),
        ({"type": "file", "file": {"file_data": "data:text/plain;base64,aGk="}}, ""),
        ({"type": "file", "file": {"file_id": "f"}}, "file"),
        ({"type": "file", "file": "f"}, "file"),
        ({"type": "input_file", "file_data": "data:application/pdf;base64," + PDF}, "pdf"),
    ],
)
def test_a_file_is_what_its_content_or_its_name_says(part, kind):
    assert file_type(part, part["type"]) == kind


def test_the_content_is_where_the_dialect_puts_it():
    assert data_of({"type": "document", "source": {"data": "a"}}) == "a"
    assert data_of({"type": "file", "file": {"file_data": "b"}}) == "b"
    assert data_of({"type": "file", "file": 7}) == ""


@pytest.mark.parametrize(
    ("data", "opaque"),
    [
        (PDF, True),
        ("data:application/pdf;base64," + PDF, True),
        ("UEsDBAo=", True),
        (PDF + " 4539 1488 0343 6467", False),
        ("4539 1488 0343 6467", False),
        ("data:application/pdf;base64,hello", False),
        (PDF + "\n", False),
    ],
)
def test_only_the_base64_of_a_pdf_or_archive_holds_no_text(data, opaque):
    assert is_opaque(data) is opaque
