"""How the reader of PDFs and its worker talk."""

from struct import Struct
from typing import Final

HEAD: Final = Struct("!QdI")
"""Bytes of the file, seconds of CPU time that it may take, pages that it may have."""
LENGTH: Final = Struct("!Q")
"""Bytes of the answer, which is JSON: the file's ``texts``, or ``why`` it counts as a picture."""
READY: Final = b"R"
