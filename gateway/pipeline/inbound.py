"""One call as the edge hands it in: still bytes, nothing believed yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.domain.records import TraceRef
from gateway.ports import Principal
from gateway.wire.dialect import Dialect

LISTS: Final = frozenset({"anthropic-beta", "tracestate"})


@dataclass(frozen=True, slots=True)
class Headers:
    """Request headers by lower-case name; those that came more than once are known by name."""

    values: Mapping[str, str]
    repeated: frozenset[str]

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

    def get(self, name: str) -> str | None:
        """Return a header's value, None if it did not come."""
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Inbound:
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
