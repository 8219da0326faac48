"""The one place that knows pypdf: the text of a PDF, if text is all that it holds.

What a reader of the file could see and we could not must not pass as read: so whatever is not understood makes a file
unreadable. Each of its objects is looked at, also those that no page refers to, because the whole file is sent.
"""

import io
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

MOST_OBJECTS: Final = 100_000
MOST_TEXT: Final = 4_000_000
MOST_CURVES: Final = 100
"""Curves on one page; with more of them a few letters may be drawn."""
MOST_STRANGE: Final = 0.02
"""Share of characters that no text has: then the letters of a font are not what they say."""
_END: Final = re.compile(rb"%%EOF[\x00\s]*\Z")
_STRANGE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_NOT_TEXT: Final = frozenset({"/ID", "/CheckSum", "/CreationDate", "/ModDate", "/M", "/CharSet", "/Panose"})
_KEYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("/JS", "/JavaScript", "/Launch", "/AA"), "script"),
    **dict.fromkeys(("/XFA", "/AcroForm", "/FT"), "form"),
    **dict.fromkeys(("/EmbeddedFiles", "/EF", "/AF", "/Collection", "/PieceInfo", "/OPI"), "attachment"),
    **dict.fromkeys(("/RichMediaContent", "/3DD", "/Thumb", "/Alternates", "/SMask"), "image"),
}
"""Keys of a dictionary that say what the file holds beside text; ``/SMask /None`` says nothing."""
_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition"), "script"),
    **dict.fromkeys(("/Filespec", "/EmbeddedFile", "/F"), "attachment"),
    **dict.fromkeys(("/Image", "/PS"), "image"),
    **dict.fromkeys(("/Sig", "/Widget"), "form"),
    "/Type3": "font",
}
"""Values of ``/S``, ``/Type`` and ``/Subtype`` that do."""
_STREAMS: Final = frozenset(
    {"/XRef", "/ObjStm", "/CMap", "/Form", "/Metadata", "/Type1C", "/CIDFontType0C", "/OpenType"}
)
"""What a stream may say that it is."""
_STREAM_KEYS: Final = frozenset({"/FunctionType", "/ShadingType"})
"""What makes a stream a function or a shading."""
_REFERS: Final = frozenset(
    {
        "/Contents",
        "/ToUnicode",
        "/FontFile",
        "/FontFile2",
        "/FontFile3",
        "/CIDToGIDMap",
        "/CIDSet",
        "/Encoding",
        "/Metadata",
    }
)
"""Keys under which a stream that says nothing of itself may be: it is looked at there, or is part of a font."""
_PLAIN: Final = re.compile(
    r"/(?:[A-Z]{6}\+)?(?:Courier|Helvetica|Times-|Arial|TimesNewRoman|Symbol|ZapfDingbats|(?:CM|EU[FRS]|LASY|LCIRCLE|LINE|MS[AB]M)[A-Z]*\d)"
)
"""Fonts whose own encoding is known: those of every reader, and those of TeX."""
_NUMBERED: Final = re.compile(r"/(?:[A-Za-z]{1,2}\d+|G[0-9A-Fa-f]{2}|(?:cid|glyph|index|char)\W?\d+)", re.ASCII)
"""Names of letters that say nothing."""
_DRAWN: Final = frozenset({b"c", b"v", b"y"})


class Unread(Exception):
    """A file that counts as a picture; its one argument says in a word why."""


class _Warned(logging.Handler):
    """Hears what pypdf could not make sense of, and goes on without."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count it; what it says may quote the file."""
        del record
        self.count += 1


def texts(data: bytes, most_pages: int) -> list[str]:
    """Return the text of each page, and at the end all other strings of the file.

    Raises:
        Unread: it holds something else than text, or cannot be understood.
        MemoryError: it takes too much.
    """
    heard, logger = _Warned(), logging.getLogger("pypdf")
    logger.addHandler(heard)
    try:
        found = _texts(data, most_pages)
    except (PyPdfError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Unread("damaged") from error
    except (AssertionError, NotImplementedError, OSError, StopIteration) as error:
        raise Unread("damaged") from error
    finally:
        logger.removeHandler(heard)
    if heard.count:
        raise Unread("damaged")
    return found


def _texts(data: bytes, most_pages: int) -> list[str]:
    if not data.startswith(b"%PDF-") or not _END.search(data[-1024:]):
        raise Unread("damaged")
    reader = PdfReader(io.BytesIO(data), strict=True)
    if reader.is_encrypted:
        raise Unread("encrypted")
    objects = _Objects(reader)
    said = objects.strings()
    drawn: set[str] = set()
    pages: list[str] = []
    size = sum(map(len, said))
    for page in reader.pages:
        if len(pages) >= most_pages:
            raise Unread("pages")
        pages.append(_page(page, drawn))
        size += len(pages[-1])
        if size > MOST_TEXT:
            raise Unread("size")
    objects.refuse_unread(len(pages), drawn)
    whole = "".join(pages)
    if len(_STRANGE.findall(whole)) > MOST_STRANGE * len(whole):
        raise Unread("font")
    return [*pages, "\n".join(said)]


def _page(page: Any, drawn: set[str]) -> str:
    """Return the text of a page, and note the names of what it draws."""
    curves = 0

    def see(operator: Any, operands: Any, _matrix: Any, _text_matrix: Any) -> None:
        nonlocal curves
        if operator == b"Do" and operands:
            drawn.add(str(operands[0]))
        if operator == b"INLINE IMAGE" or operator in {b"BI", b"EI"}:
            raise Unread("image")
        curves += operator in _DRAWN
        if curves > MOST_CURVES:
            raise Unread("image")

    return str(page.extract_text(visitor_operand_before=see))


class _Objects:
    """All objects of a file."""

    def __init__(self, reader: PdfReader) -> None:
        self._reader = reader
        self._known: set[int] = set()
        """Streams that something refers to which says what they are."""
        self._streams: list[tuple[int, StreamObject]] = []
        self._strings: list[str] = []
        self._pages = 0
        self._forms: dict[int, set[str]] = {}
        """Numbers of streams that may be drawn, and their names in resources."""

    def strings(self) -> list[str]:
        """Return every string of the file that no page shows, if nothing in it has to be seen.

        Raises:
            Unread: something has.
        """
        for number, generation in self._numbers():
            found = self._reader.get_object(IndirectObject(number, generation, self._reader))
            if isinstance(found, StreamObject):
                self._streams.append((number, found))
            self._look(found)
        for number, stream in self._streams:
            self._judge(number, stream)
        return self._strings

    def refuse_unread(self, pages: int, drawn: set[str]) -> None:
        """Refuse a file with pages or parts of pages that were not among those read.

        Raises:
            Unread: it has some.
        """
        named = [self._forms.get(number) for number, stream in self._streams if stream.get("/Subtype") == "/Form"]
        if not pages or pages != self._pages or any(not names or names.isdisjoint(drawn) for names in named):
            raise Unread("unknown" if pages else "damaged")

    def _numbers(self) -> list[tuple[int, int]]:
        free = self._reader.xref_free_entry
        plain = [
            (number, generation)
            for generation, table in self._reader.xref.items()
            for number in table
            if not free.get(generation, {}).get(number)
        ]
        found = [*plain, *[(number, 0) for number in self._reader.xref_objStm]]
        if len(found) > MOST_OBJECTS:
            raise Unread("size")
        return found

    def _look(self, whole: Any) -> None:
        """Look at an object and all that is directly in it."""
        rest = [whole]
        while rest:
            one = rest.pop()
            if isinstance(one, DictionaryObject):
                self._refuse(one)
                rest += [value for key, value in self._entries(one) if key not in _NOT_TEXT]
            elif isinstance(one, ArrayObject):
                if len(one) > 1 and one[0] == "/ICCBased":
                    self._refer(one[1])
                rest += list(one)
            elif isinstance(one, TextStringObject):
                self._strings.append(str(one))

    def _entries(self, one: DictionaryObject) -> Iterator[tuple[str, Any]]:
        for key in one:
            value = one.raw_get(key)
            if key == "/XObject" and isinstance(value, DictionaryObject | IndirectObject):
                self._name(value.get_object())
            if key in _REFERS:
                for each in value if isinstance(value, ArrayObject) else [value]:
                    self._refer(each)
            yield str(key), value

    def _name(self, drawables: Any) -> None:
        for name in drawables if isinstance(drawables, DictionaryObject) else ():
            value = drawables.raw_get(name)
            if isinstance(value, IndirectObject):
                self._forms.setdefault(value.idnum, set()).add(str(name))

    def _refer(self, value: Any) -> None:
        if isinstance(value, IndirectObject):
            self._known.add(value.idnum)

    def _refuse(self, one: DictionaryObject) -> None:
        """Refuse what has to be seen.

        Raises:
            Unread: it has.
        """
        self._pages += one.get("/Type") == "/Page"
        for key in one:
            why = _KEYS.get(key)
            if why and not _says_nothing(key, one.raw_get(key)):
                raise Unread(why)
        for key in ("/S", "/Type", "/Subtype"):
            value = one.raw_get(key) if key in one else None
            if isinstance(value, NameObject) and value in _NAMES:
                raise Unread(_NAMES[value])
        is_note = one.get("/Type") == "/Annot" or "/Rect" in one
        if is_note and (one.get("/Subtype") not in {"/Link", None} or "/Contents" in one or "/AP" in one):
            raise Unread("annotation")
        if one.get("/Type") == "/Font":
            _refuse_font(one)

    def _judge(self, number: int, stream: StreamObject) -> None:
        """Refuse a stream that is none of those that a text needs: nobody here knows what it says.

        Raises:
            Unread: it is one.
        """
        kinds = {stream.get("/Type"), stream.get("/Subtype")}
        if "/Metadata" in kinds:
            self._strings.append(stream.get_data().decode("utf-8", "replace"))
        elif number not in self._known and kinds.isdisjoint(_STREAMS) and _STREAM_KEYS.isdisjoint(stream):
            raise Unread("unknown")


def _says_nothing(key: str, value: Any) -> bool:
    if key == "/SMask":
        return isinstance(value, NameObject) and value == "/None"
    return isinstance(value, BooleanObject)


def _refuse_font(font: DictionaryObject) -> None:
    """Refuse a font whose letters nobody can tell without looking at them.

    Raises:
        Unread: it is one.
    """
    kind, encoding = font.get("/Subtype"), font.get("/Encoding")
    if "/ToUnicode" in font or kind in {"/CIDFontType0", "/CIDFontType2"}:
        return
    if isinstance(encoding, DictionaryObject):
        names = [name for name in encoding.get("/Differences", ()) if isinstance(name, NameObject)]
        if any(_NUMBERED.fullmatch(name) for name in names):
            raise Unread("font")
    elif kind == "/Type0" or (encoding is None and not _PLAIN.match(str(font.get("/BaseFont", "")))):
        raise Unread("font")
