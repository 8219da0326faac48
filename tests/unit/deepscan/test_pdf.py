"""PDFs that tools of others made, and ones that were made to hurt: all of the text, or a word that says why not."""

import gzip
import zlib
from pathlib import Path

import pytest

from gateway.deepscan import pdf as module
from gateway.deepscan.pdf import Unread, texts

HERE = Path(__file__).parent / "pdfs"
INSTALLED = [
    *Path("/usr/share/doc").glob("*/*.pdf"),
    *Path("/usr/share/doc").glob("*/*.pdf.gz"),
    *Path("/usr/share/R/doc").glob("manual/*.pdf"),
]
CARD = "4539 1488 0343 6467"
FONTS = b"/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"


def made(name: str) -> bytes:
    return (HERE / f"{name}.pdf").read_bytes()


def why(data: bytes, most_pages: int = 50) -> str:
    with pytest.raises(Unread) as caught:
        texts(data, most_pages)
    return caught.value.args[0]


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), more, data)


def document(*objects: bytes, root: bytes = b"", start: int | None = None) -> bytes:
    """A PDF of these objects, the first of which is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<</Size %d/Root 1 0 R%s>>" % (len(objects) + 1, root)
    return out + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, at if start is None else start)


def page(content: bytes, *more: bytes, resources: bytes = b"", catalogue: bytes = b"") -> bytes:
    """A PDF with one page; ``more`` are objects 5 and on, ``content`` is object 4."""
    return document(
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<%s%s>>>>" % (FONTS, resources),
        content,
        *more,
    )


WORDS = stream(b"BT /F1 12 Tf 72 720 Td (hello there) Tj ET")


@pytest.mark.parametrize("name", ["fpdf2-plain", "reportlab-plain"])
def test_the_text_of_a_plain_file_is_read_line_by_line(name):
    first, said = texts(made(name), 50)
    assert first.split("\n")[:2] == ["Minutes of 12 March 2026", "The parcel of Acme Robotics arrived late."]
    assert ("ReportLab" in said) == name.startswith("reportlab")  # who made it is sent too


@pytest.mark.parametrize(
    ("name", "at"), [("fpdf2-card-on-page-2", 1), ("reportlab-card", 0), ("matplotlib-truetype", 0)]
)
def test_a_value_is_on_the_page_where_it_stands(name, at):
    assert [CARD in text for text in texts(made(name), 50)].index(True) == at


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fpdf2-attachment", "attachment"),
        ("fpdf2-encrypted", "encrypted"),
        ("fpdf2-note", "annotation"),
        ("matplotlib-image", "image"),
        ("matplotlib-type3", "font"),
        ("reportlab-form", "form"),
        ("reportlab-inline-image", "image"),
    ],
)
def test_a_file_with_something_that_has_to_be_seen_is_a_picture_and_says_why(name, reason):
    assert why(made(name)) == reason


def test_files_that_are_installed_here_are_read_or_say_why():
    """Manuals of Debian's packages; a machine may have none."""
    reasons = {
        "",
        "annotation",
        "attachment",
        "damaged",
        "encrypted",
        "font",
        "form",
        "image",
        "pages",
        "script",
        "unknown",
    }
    for path in sorted(INSTALLED)[:20]:
        data = path.read_bytes()
        try:
            found, reason = texts(gzip.decompress(data) if path.suffix == ".gz" else data, 20), ""
        except Unread as unread:
            found, reason = [], unread.args[0]
        assert reason in reasons
        assert reason or any(found)


def test_a_page_of_ones_own_is_read():
    assert texts(page(WORDS), 50) == ["hello there", ""]


@pytest.mark.parametrize(
    ("catalogue", "reason"),
    [
        (b"/AcroForm<</Fields[]/XFA 5 0 R>>", "form"),
        (b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", "script"),
        (b"/OpenAction<</S/Launch/F(a)>>", "script"),
        (b"/Names<</EmbeddedFiles<</Names[]>>>>", "attachment"),
        (b"/PieceInfo<</A<</Private 5 0 R>>>>", "attachment"),
        (b"/Collection<<>>", "attachment"),
    ],
)
def test_what_stands_beside_the_pages_counts(catalogue, reason):
    assert why(page(WORDS, catalogue=catalogue)) == reason


def test_a_stream_that_says_nothing_of_itself_is_not_taken_for_harmless():
    assert why(page(WORDS, stream(b"4539 1488 0343 6467"))) == "unknown"


@pytest.mark.parametrize(
    "more",
    [
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        stream(b"BT (4539) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"),
        stream(
            b"BT (4539) Tj ET", b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9 9]/XStep 9/YStep 9"
        ),
    ],
)
def test_what_no_page_shows_is_not_taken_for_read(more):
    assert why(page(WORDS, more)) == "unknown"


def test_what_a_page_draws_is_read_with_it():
    form = stream(
        b"BT /F1 9 Tf (drawn words) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<%s>>" % FONTS,
    )
    first, _ = texts(page(stream(b"q /X1 Do Q"), form, resources=b"/XObject<</X1 5 0 R>>"), 50)
    assert "drawn words" in first
    assert why(page(WORDS, form, resources=b"/XObject<</X1 5 0 R>>")) == "unknown"


def test_what_follows_the_end_of_a_file_is_not_taken_for_harmless():
    assert why(page(WORDS) + b"PK\x03\x04 more") == "damaged"
    assert why(b"x" + page(WORDS)) == "damaged"


def test_titles_links_and_metadata_are_read_as_text():
    info = page(
        WORDS, stream(b"<x>anna@firm.example</x>", b"/Type/Metadata/Subtype/XML"), b"<</Title(A %s B)>>" % CARD.encode()
    )
    *_, said = texts(info, 50)
    assert CARD in said
    assert "anna@firm.example" in said


def test_letters_that_are_drawn_are_a_picture(monkeypatch):
    curves = stream(b"0 0 m " + b"1 1 2 2 3 3 c " * 60 + b"f")
    assert texts(page(curves), 50) == ["", ""]
    monkeypatch.setattr(module, "MOST_CURVES", 50)
    assert why(page(curves)) == "image"


@pytest.mark.parametrize(
    "font",
    [
        b"<</Type/Font/Subtype/Type0/BaseFont/ABCDEF+Own/Encoding/Identity-H/DescendantFonts[5 0 R]>>",
        b"<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+Own>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Own/Encoding<</Differences[65/g12/g13]>>>>",
    ],
)
def test_a_font_that_does_not_say_what_its_letters_are_is_a_picture(font):
    assert why(page(WORDS, font)) == "font"


def test_letters_that_are_no_text_are_a_picture():
    assert why(page(stream(b"BT /F1 12 Tf (" + b"\\001\\002\\003" * 20 + b") Tj ET"))) == "font"


def test_a_bomb_of_zeros_is_too_much_or_not_understood():
    bomb = zlib.compress(zlib.compress(b"0" * 300_000_000, 9), 9)
    assert why(page(stream(bomb, b"/Filter[/FlateDecode/FlateDecode]"))) == "damaged"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7\n%%EOF\n",
        page(WORDS)[:300],
        page(WORDS)[:300] + b"\nstartxref\n9\n%%EOF\n",
        document(b"<</Type/Catalog/Pages 2 0 R>>", b"[" * 20_000 + b"]" * 20_000),
        document(b"<</Type/Catalog/Pages 1 0 R>>"),
        document(b"2 0 R", b"1 0 R"),
        document(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"),
        document(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", start=9),
        page(WORDS).replace(b"/Root", b"/Prev 9/Root"),
        page(stream(b"(" * 5000)),
    ],
)
def test_a_broken_file_is_never_read_as_one_without_text(data):
    assert why(data) in {"damaged", "unknown"}


def test_too_many_pages_and_too_much_text_are_left_alone(monkeypatch):
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + 30))
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>"] * 30
    long = document(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 30/Kids[%s]>>" % kids, *pages)
    assert len(texts(long, 30)) == 31
    assert why(long, 29) == "pages"
    monkeypatch.setattr(module, "MOST_TEXT", 10)
    assert why(page(WORDS)) == "size"
    monkeypatch.setattr(module, "MOST_OBJECTS", 10)
    assert why(long) == "size"
