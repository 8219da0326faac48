"""The process that reads PDFs: a length, a budget and a file come in, a length and JSON go out, until its input ends.

A file that takes too much memory or CPU time ends at most this process. It writes no file and reaches no network.
"""

import json
import logging
import math
import resource
import sys
import warnings
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from gateway.deepscan.pdf import Unread, texts
from gateway.deepscan.pdf_wire import HEAD, LENGTH, READY
from gateway.deepscan.worker import refuse

MEMORY_BYTES: Final = 384 * 1024 * 1024
KEPT_BYTES: Final = 16 * 1024 * 1024
"""Answers that are kept: clients send a conversation's files again with each turn."""


def serve(reading: BinaryIO, writing: BinaryIO) -> None:
    """Read one file after the other, until there is no more input or no more memory."""
    kept: OrderedDict[bytes, bytes] = OrderedDict()
    writing.write(READY)
    writing.flush()
    while len(head := reading.read(HEAD.size)) == HEAD.size:
        length, budget, pages = HEAD.unpack(head)
        data = reading.read(length)
        name = sha256(data).digest() + pages.to_bytes(4)
        answer = kept.pop(name, None)
        if answer is None:
            limit_time(budget)
            answer = answered(data, pages)
        kept[name] = answer
        while sum(map(len, kept.values())) > KEPT_BYTES:
            kept.popitem(last=False)
        writing.write(LENGTH.pack(len(answer)) + answer)
        writing.flush()
        if answer == _TOO_MUCH:
            return


def answered(data: bytes, pages: int) -> bytes:
    """Return what is told of a file, as JSON."""
    try:
        return json.dumps({"texts": texts(data, pages)}).encode()
    except Unread as unread:
        return json.dumps({"why": unread.args[0]}).encode()
    except MemoryError:
        return _TOO_MUCH


_TOO_MUCH: Final = json.dumps({"why": "memory"}).encode()


def limit_time(seconds: float) -> None:
    """Let the system end this process once it has computed for so long from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main() -> None:
    """Close the doors, serve."""
    logging.getLogger("pypdf").propagate = False
    warnings.simplefilter("ignore")
    with suppress(OSError):  # where memory is short, this process goes first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(refuse)
    serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
