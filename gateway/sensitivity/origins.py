"""Which decision made a conversation what it is: kept beside its label, so that a refusal and a report can name it."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from gateway.domain.label import IN_ANSWER, NOTHING, Part

PREFIX: Final = "origin:"
"""Of the kind of the part in which a store keeps an origin: ``origin:KIND|DECISION|SECONDS``. It adds no label."""


class Origin(Struct, frozen=True):
    """Where a part of a conversation's label comes from."""

    kind: str
    """Of that part."""
    decision: str
    at: int
    """UTC seconds."""

    def as_part(self) -> Part:
        """Return it as a store keeps it: nobody's own, because it belongs to whoever carries its kind."""
        return Part(f"{PREFIX}{self.kind}|{self.decision}|{self.at}", NOTHING, IN_ANSWER)


def origins_of(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Origin, ...]]:
    """Return the parts that are labels, and the first origin of each of their kinds, sorted by kind."""
    labels: list[Part] = []
    first: dict[str, Origin] = {}
    for part in parts:
        if not part.kind.startswith(PREFIX):
            labels.append(part)
            continue
        kind, decision, at = part.kind.removeprefix(PREFIX).rsplit("|", 2)
        origin = Origin(kind, decision, int(at) if at.isdigit() else 0)
        if kind not in first or origin.at < first[kind].at:
            first[kind] = origin
    carried = {part.kind for part in labels}
    return tuple(labels), tuple(first[kind] for kind in sorted(first) if kind in carried)
