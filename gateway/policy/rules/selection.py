"""How ``allow`` and ``deny`` point at targets."""

from fnmatch import fnmatchcase
from typing import Self

from pydantic import model_validator

from gateway.domain.target import Kind, Target, Zone
from gateway.policy.block import Text
from gateway.policy.rules.base import HardRule


class SelectingRule(HardRule):
    """Points at targets by id, zone and kind: one of each list that is given must fit."""

    targets: tuple[Text, ...] = ()
    """Ids or globs."""
    zones: tuple[Zone, ...] = ()
    kinds: tuple[Kind, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.targets or self.zones or self.kinds):
            raise ValueError("names nothing: give at least one of targets, zones, kinds")
        return self

    def selects(self, target: Target) -> bool:
        """Return whether the rule points at a target."""
        return (
            (not self.zones or target.zone in self.zones)
            and (not self.kinds or target.kind in self.kinds)
            and (not self.targets or any(fnmatchcase(target.id, glob) for glob in self.targets))
        )
