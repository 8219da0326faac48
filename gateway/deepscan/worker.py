"""The worker's process: a length, a budget and a text come in, one byte goes out, until its input ends.

An audit hook refuses network and writing to all Python code; :mod:`gateway.deepscan.finder` switches off what native
code would report. It logs nothing, because it would log what it read.
"""

import logging
import os
import struct
import sys
from time import monotonic
from typing import Any, BinaryIO, Final

from gateway.deepscan.finder import Finder, TooLate

HEAD: Final = struct.Struct("!Qd")
"""Bytes of the text, seconds that may be spent on it."""
READY, CLEAN, FOUND, LATE = b"R", b"0", b"1", b"L"

_NETWORK: Final = frozenset(
    {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen"}
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def serve(finder: Finder, reading: BinaryIO, writing: BinaryIO) -> None:
    """Answer one text after the other, until there is no more input."""
    writing.write(READY)
    writing.flush()
    while len(head := reading.read(HEAD.size)) == HEAD.size:
        began = monotonic()
        length, budget = HEAD.unpack(head)
        text = reading.read(length).decode("utf-8", "surrogatepass")
        try:
            answer = FOUND if finder.finds(text, began + budget) else CLEAN
        except TooLate:
            answer = LATE
        writing.write(answer)
        writing.flush()


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise if the process is about to reach out or to write a file.

    Raises:
        PermissionError: it is.
    """
    if event in _NETWORK or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES):
        raise PermissionError(event)


def main() -> None:
    """Load the model, close the doors, serve."""
    logging.disable(logging.CRITICAL)
    finder = Finder(uuids="--uuids" in sys.argv[1:])
    sys.addaudithook(refuse)
    serve(finder, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
