"""What may be replaced by placeholders on the way to a target: which kinds of findings, for which team."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from gateway.domain.sensitivity import MEDIA
from gateway.domain.target import Target
from gateway.domain.team import Team

_MEDIA: Final = "unscannable:"
_LISTS: Final = ("custom:", "word_list:")
_NEVER: Final = frozenset({"ip_address", "unscannable", "declared"})
"""Private addresses say nothing outside of their network; the rest has no place in a text."""


class Masks(Struct, frozen=True):
    """The kinds of findings, and of parts that cannot be read, that are masked where the label would be too high."""

    kinds: frozenset[str] = frozenset()
    every: bool = False
    """Every kind of finding that has a place in the text."""

    def __bool__(self) -> bool:
        """Return whether anything may be masked."""
        return self.every or bool(self.kinds)

    def cover(self, kind: str) -> bool:
        """Return whether findings of a kind may be masked."""
        name = kind.removeprefix(_MEDIA)
        return name in self.kinds or (self.every and (name in MEDIA if name != kind else has_place(kind)))


def has_place(kind: str) -> bool:
    """Return whether findings of a kind stand at a place in the text, and say something outside of our network.

    A part of a label that is not a finding (an unknown conversation, a detector that failed, tier 2) has none.
    """
    return kind not in _NEVER and (":" not in kind or kind.startswith(_LISTS))


def masks_of(targets: Iterable[Target], team: Team | None) -> Masks:
    """Return what may be masked for at least one of some targets."""
    every = [masks_for(target, team) for target in targets if target.zone == "closed"]
    return Masks(frozenset().union(*[one.kinds for one in every]), any(one.every for one in every))


def masks_for(target: Target, team: Team | None) -> Masks:
    """Return what may be masked for a target: what its clearance names, and all for a team that has ``mask: all``."""
    return Masks(target.clearance.mask, team is not None and team.masks_all and target.zone == "closed")
