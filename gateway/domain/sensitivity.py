"""What policy says about labelling: plain data, read by the scanner and by the rule of clearance."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.domain.label import DataClass

Mode = Literal["enforce", "observe"]
"""``observe``: label and record what would be dropped, drop nothing."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """How policy changes one built-in detector. None leaves the detector's own default."""

    kind: str
    data_class: DataClass | None = None
    min_distinct: int | None = None
    """Distinct findings that it takes before the class is raised."""
    ignore: tuple[str, ...] = ()
    """Globs of findings that do not count."""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class SensitivitySpec:
    """The ``sensitivity`` block; the default is what an absent block means."""

    detectors: tuple[DetectorSpec, ...] = ()
    on_unscannable: DataClass = DataClass.RESTRICTED
    default_mode: Mode = "enforce"
    team_modes: dict[str, Mode] = field(default_factory=dict)
    vendor_opaque: str = "same_vendor_only"
    session: str = "sticky"

    def mode_for(self, team: str) -> Mode:
        """Return the mode of a team."""
        return self.team_modes.get(team, self.default_mode)
