"""One change between two policies, as people and pipelines read it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal


class Kind(StrEnum):
    """What a change does, the most dangerous first."""

    WIDENS = "WIDENS"
    """Something may be sent, or is no longer detected, that was not permitted before; or its proof was removed."""
    NARROWS = "NARROWS"
    """The opposite."""
    MOVES = "MOVES"
    """The same data may be sent, but other targets get it."""
    COST = "COST"
    """What it costs, or which budget is charged."""


@dataclass(frozen=True, slots=True)
class EditPlace:
    """Where the edit is that causes a change."""

    file: str
    line: int
    key: str
    """The path as people write it: ``targets[1].clearance.max``."""
    side: Literal["old", "new"] = "new"
    """``old``: what was removed can only be shown where it was."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one edit does, to whom."""

    kind: Kind
    what: str
    teams: tuple[str, ...] = ()
    """Empty: every team."""
    label: str = ""
    """Which texts; empty: it does not depend on the label."""
    targets: tuple[str, ...] = ()
    """Empty: every target that it could be about."""


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """An effect and the edit that causes it."""

    effect: Effect
    place: EditPlace

    @property
    def kind(self) -> Kind:
        """What the change does."""
        return self.effect.kind

    def as_json(self) -> dict[str, Any]:
        """Return the change as plain data; its keys are a contract with pipelines."""
        return {
            "kind": str(self.effect.kind),
            "teams": list(self.effect.teams),
            "label": self.effect.label,
            "targets": list(self.effect.targets),
            "what": self.effect.what,
            "file": self.place.file,
            "line": self.place.line,
            "key": self.place.key,
            "side": self.place.side,
        }
