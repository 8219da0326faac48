"""Documents and files in a message: whether one is text, a PDF or something else, and where its content is."""

import re
from collections.abc import Mapping
from typing import Any, Final

PDF: Final = "pdf"
FILE: Final = "file"
FILE_PARTS: Final = frozenset({"document", "file", "input_file"})
"""Types of the parts that are documents or files, in all dialects."""
_PDF: Final = ("JVBERi", "data:application/pdf")
"""How the base64 of a PDF begins, and the URL of one."""
_OPAQUE: Final = re.compile(r"(?:data:[\w.+-]{1,99}/[\w.+-]{1,99};base64,)?(?:JVBERi|UEsDB)[A-Za-z0-9+/]*={0,2}\Z")
_TEXT: Final = frozenset({"text", "content"})
"""Types of a document's source whose strings are walked like any others."""


def file_type(part: Mapping[str, Any], part_type: str) -> str:
    """Return the type of a document or file: ``pdf`` for a PDF, empty for one that is text and is read."""
    source = _source(part)
    if not isinstance(source, dict):
        return part_type
    if part_type == "document" and str(source.get("type")) in _TEXT:
        return ""
    data = data_of(part)
    if data.startswith("data:text/"):  # its base64 is opened like any other
        return ""
    name = str(source.get("filename", part.get("filename", ""))).lower()
    is_pdf = source.get("media_type") == "application/pdf" or data.startswith(_PDF) or name.endswith(".pdf")
    return PDF if is_pdf else part_type


def data_of(part: Mapping[str, Any]) -> str:
    """Return the content of a document or file as it is in the part: base64, or a URL of it; empty without one."""
    source = _source(part)
    if not isinstance(source, dict):
        return ""
    return next((source[name] for name in ("data", "file_data") if isinstance(source.get(name), str)), "")


def is_opaque(data: str) -> bool:
    """Return whether the content of a file is the base64 of a PDF or an archive and of nothing else: no text."""
    return _OPAQUE.match(data) is not None


def _source(part: Mapping[str, Any]) -> Any:
    return part.get("source") if isinstance(part.get("source"), dict) else part.get("file", part)
