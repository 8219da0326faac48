"""Exceptions to the sensitivity rules, with owner and end: for values known to be harmless, or for one target."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from gateway.domain.label import Category, DataClass, Label

LONGEST_S: Final = 90 * 24 * 3600
"""An exception that lasts forever is a policy; write it as one."""
_SEPARATORS: Final = re.compile(r"[\s.\-_/()]+")


@dataclass(frozen=True, slots=True)
class PolicyException:
    """What one entry of ``exceptions:`` grants to its teams from ``start`` until ``end`` (Unix seconds, end excluded).

    With ``detectors``, their findings do not count: all of them, or those whose value is in ``values``. With
    ``targets``, these may see labels up to ``max`` with no category beyond ``categories`` in spite of their clearance.
    """

    id: str
    owner: str
    reason: str
    teams: frozenset[str]
    start: int
    end: int
    detectors: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    """As :func:`salted` gives them; empty: every value."""
    targets: frozenset[str] = frozenset()
    max: DataClass = DataClass.PUBLIC
    categories: frozenset[Category] = frozenset()

    def holds(self, team: str, at: int) -> bool:
        """Return whether the exception is in force for a team at a time (Unix seconds)."""
        return team in self.teams and self.start <= at < self.end

    def excuses(self, kind: str, value: str) -> bool:
        """Return whether a finding of a detector does not count."""
        if kind not in self.detectors:
            return False
        return not self.values or any(salted(value, entry.partition(":")[0]) == entry for entry in self.values)

    def permits(self, label: Label, target: str) -> bool:
        """Return whether a target may see a label in spite of its clearance. Regions are never excepted."""
        return target in self.targets and label.data_class <= self.max and label.categories <= self.categories


def salted(value: str, salt: str) -> str:
    """Return ``salt:digest`` of a value, so that a policy can name it without holding it.

    Letter case and separators do not matter: ``4539 1488…`` is ``4539-1488…``. The salt is any text without a colon.
    """
    plain = _SEPARATORS.sub("", value).casefold()
    return f"{salt}:{hashlib.blake2b(plain.encode(), key=salt.encode()[:64], digest_size=16).hexdigest()}"
