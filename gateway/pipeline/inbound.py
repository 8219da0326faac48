"""One call as the edge hands it in: still bytes, nothing believed yet."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from gateway.domain.records import TraceRef
from gateway.ports import Principal
from gateway.wire.dialect import Dialect

LISTS: Final = frozenset({"anthropic-beta", "tracestate"})


class Headers(dict[str, str]):
    """Request headers by lower-case name; those that came more than once are known by name. Not to be changed."""

    __slots__ = ("repeated",)

    def __init__(self, values: Mapping[str, str], repeated: frozenset[str] = frozenset()) -> None:
        super().__init__(values)
        self.repeated = repeated

    @classmethod
    def parse(cls, raw: Iterable[tuple[bytes, bytes]]) -> "Headers":
        """Read ASGI's pairs; of repeated values the first is kept, those that are lists are joined."""
        values: dict[str, str] = {}
        repeated = set()
        for name, value in raw:
            key = name.decode("latin-1").lower()
            if key in values:
                repeated.add(key)
                if key in LISTS:
                    values[key] += "," + value.decode("latin-1")
            else:
                values[key] = value.decode("latin-1")
        return cls(values, frozenset(repeated))


class Inbound(Struct, frozen=True):
    """One call."""

    id: str
    """The decision id that it will have."""
    dialect: Dialect
    headers: Headers
    body: bytes
    received_ns: int
    received: float
    """The same moment on the monotonic clock, in seconds."""
    trace: TraceRef
    principal: Principal | None = None
    """Who calls, if the edge has looked already; then it need not be done twice."""
