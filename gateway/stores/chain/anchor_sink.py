"""Where heads of chains go: a file outside of the data directory, or the system's log."""

import logging
import os
import socket
from collections.abc import Callable, Iterable
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from gateway.domain.records import Receipt, Record
from gateway.stores.chain.anchors import Head

Sink = Callable[[Head], None]
"""Writes one head.

Raises:
    OSError: it cannot be written.
"""

_LOCAL: Final = "/dev/log"


class Anchoring:
    """Keeps the last head of each chain and writes those that are new. The two may run in different threads."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = Lock()
        self._new: dict[str, Head] = {}

    def note(self, records: Iterable[Record]) -> None:
        """Look at records that are in the ledger now."""
        for record in records:
            if isinstance(record, Receipt) and record.entry.hash:
                entry, known = record.entry, self._new.get(record.entry.instance)
                if known is None or entry.seq > known.seq:
                    with self._lock:
                        self._new[entry.instance] = Head(entry.instance, entry.seq, entry.hash, entry.at)

    def write(self) -> int:
        """Write the heads that are new; return how many.

        Raises:
            OSError: one cannot be written; it is tried again with the next call.
        """
        written = 0
        for instance, head in list(self._new.items()):
            self._sink(head)
            with self._lock:  # a newer head may have been noted meanwhile: it stays for the next call
                if self._new[instance] is head:
                    del self._new[instance]
            written += 1
        return written


def sink_of(anchor: str) -> Sink:
    """Return what ``ledger.anchor`` names: ``file:PATH``, ``syslog`` or ``syslog://HOST[:PORT]``."""
    if anchor.startswith("file:"):
        return FileSink(Path(anchor.removeprefix("file:")))
    return SyslogSink(anchor)


class FileSink:
    """Appends to a file and syncs it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, head: Head) -> None:
        """Write one head."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            os.write(descriptor, head.line().encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class SyslogSink:
    """Sends to the machine's own log, or by UDP to a host. Delivery of a UDP message is not confirmed."""

    def __init__(self, anchor: str) -> None:
        parts = urlsplit(anchor)
        here: str | tuple[str, int] = _LOCAL if Path(_LOCAL).exists() else ("127.0.0.1", SYSLOG_UDP_PORT)
        self._address = (parts.hostname, parts.port or SYSLOG_UDP_PORT) if parts.hostname else here

    def __call__(self, head: Head) -> None:
        """Send one head."""
        handler = _Strict(self._address, SysLogHandler.LOG_AUTH, socket.SOCK_DGRAM)
        try:
            handler.ident = "gateway: "
            handler.emit(logging.LogRecord("gateway", logging.INFO, "", 0, head.line(), (), None))
        finally:
            handler.close()


class _Strict(SysLogHandler):
    """Raises what went wrong instead of printing it."""

    append_nul = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- the library's name
        """Raise the error that is being handled."""
        del record
        raise  # noqa: PLE0704 -- called by the library from inside of its ``except``
