"""The form of the spool's files: their names, and lines ``<crc32 in 8 hex digits> <record as JSON>``."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from gateway.domain.records import Record, encode

SUFFIX: Final = ".spool"
INSTANCES: Final = "instances"
"""One instance id per line: every writer that this spool ever had. Used to find our rows in a shared database."""


def lines_of(records: Iterable[Record]) -> bytes:
    """Return the lines of records."""
    return b"".join([line_of(encode(record)) for record in records])


def line_of(payload: bytes) -> bytes:
    """Return the line of one record's JSON."""
    return b"%08x %b\n" % (crc32(payload), payload)


def parse_line(line: bytes) -> bytes | None:
    """Return the payload of a complete line; None if it is torn or altered."""
    checksum, space, payload = line[:8], line[8:9], line[9:]
    if space != b" " or checksum != b"%08x" % crc32(payload):
        return None
    return payload
