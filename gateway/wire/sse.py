"""Server-sent events cut out of a byte stream, however it was chunked, without decoding them.

Source: WHATWG HTML, "Server-sent events": an event ends at an empty line; lines end with LF, CRLF or CR.
"""

import re
from typing import Final

_BLANK_LINE: Final = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
MAX_EVENT_BYTES: Final = 16 * 1024 * 1024


class EventTooLarge(ValueError):
    """An event grew over :data:`MAX_EVENT_BYTES` without an end."""


class EventSplitter:
    """Feed bytes, get complete events with their blank line: ``b"".join`` of all that comes out is what went in."""

    __slots__ = ("_rest", "_searched")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the events that ``data`` completed.

        Raises:
            EventTooLarge: what is kept back grew too large.
        """
        buffer: bytes | bytearray = data
        if self.is_whole(data):
            return [data]  # there is nothing to cut
        if self._rest:
            self._rest += data  # in place: an event of many pieces is not copied once a piece
            buffer = self._rest
        events: list[bytes] = []
        start = 0
        position = self._searched
        while match := _BLANK_LINE.search(buffer, position):
            end = match.end()
            if end == len(buffer) and buffer.endswith(b"\r"):
                break  # the CR may be the first half of a CRLF
            events.append(bytes(buffer[start:end]))
            start = position = end
        if start or buffer is data:
            self._rest = bytearray(buffer[start:])
        self._searched = max(0, len(self._rest) - 3)
        if len(self._rest) > MAX_EVENT_BYTES:
            raise EventTooLarge
        return events

    def is_whole(self, data: bytes) -> bool:
        """Return whether ``data`` is one complete event, as servers send them, and nothing is kept back before it."""
        return data.endswith(b"\n\n") and not self._rest and data.find(b"\n\n") == len(data) - 2 and b"\r" not in data

    def rest(self) -> bytes:
        """Return what came after the last complete event."""
        return bytes(self._rest)


def data_of(event: bytes) -> bytes:
    """Return the event's data: the values of its ``data`` lines, joined by LF."""
    if event.startswith(b"data: ") and event.endswith(b"\n\n") and event.count(b"\n") == 2 and b"\r" not in event:  # noqa: PLR2004
        return event[6:-2]
    values = []
    for line in event.splitlines():
        if line.startswith(b"data:"):
            value = line[5:]
            values.append(value[1:] if value.startswith(b" ") else value)
    return b"\n".join(values)
