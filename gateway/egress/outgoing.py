"""The call to a vendor and its answer, for every way of sending it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.target import Target

BACK: Final = frozenset(
    {"content-type", "retry-after", "request-id", "x-request-id", "openai-processing-ms", "x-sandbox"}
)
"""Response headers of a vendor that the edge gets."""


class VendorBroken(Exception):
    """The vendor could not be reached, or its answer broke off. ``reached`` is False if nothing can have been sent."""

    def __init__(self, kind: str, *, reached: bool = True) -> None:
        super().__init__(kind)
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One admitted call. ``credential`` is the vendor key; it is sent to the vendor and nowhere else."""

    target: Target
    credential: str | None
    path: str
    body: bytes
    headers: Mapping[str, str]
    attempt: str

    def __repr__(self) -> str:
        """Show where to, never what or with which key."""
        return f"Outgoing({self.target.id}, {self.path})"


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    """A vendor's answer whose body is still coming."""

    status: int
    headers: Sequence[tuple[str, str]]
    pieces: AsyncIterator[bytes]
