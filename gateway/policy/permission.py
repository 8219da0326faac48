"""Whether a target may see a request: as it is, masked, or by an exception; asked before anything else."""

from dataclasses import dataclass
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.masking import Masks, masks_for
from gateway.domain.target import Target
from gateway.domain.team import Team


@dataclass(frozen=True, slots=True)
class Permission:
    """How a request may go to one target. ``refusal`` says why it may not; then the rest is empty."""

    refusal: str | None = None
    masked: bool = False
    exception: str = ""


AS_IT_IS = Permission()
NO_MASKS: Final = Masks()


def permission(target: Target, facts: Facts, team: Team | None) -> Permission:
    """Return whether a target may see a request. What is narrower wins: as it is, then masked, then by exception."""
    if target.zone == "closed" and any(vendor != target.vendor for vendor in facts.sealed):
        return Permission("holds a block that another vendor sealed, which only that one may see")
    refusal = target.clearance.refusal(facts.label, target.region)
    if refusal is None:
        return AS_IT_IS
    if _maskable(target, facts, team):
        return Permission(masked=True)
    exception = excepting(target, facts.label, facts.exceptions, team)
    return Permission(refusal) if exception is None else Permission(exception=exception)


def excepting(target: Target, label: Label, held: tuple[str, ...], team: Team | None) -> str | None:
    """Return the id of the first exception among those held by which the target may see the label; None without one.

    Regions are never excepted.
    """
    if team is None or not held:
        return None
    if label.regions is not None and target.region not in label.regions:
        return None
    return next((one.id for one in team.exceptions if one.id in held and one.permits(label, target.id)), None)


def _maskable(target: Target, facts: Facts, team: Team | None) -> bool:
    """Return whether the target may see what is left once all findings that may be masked for it are."""
    masks = masks_for(target, team) if facts.parts else NO_MASKS
    if not masks or not any(masks.cover(part.kind) for part in facts.parts):
        return False
    return target.clearance.refusal(facts.residual(masks), target.region) is None
