"""Asked before every attempt: may this target still see this request? A decision is seconds old by the second attempt.

Meanwhile a sibling request may have tainted the conversation, or an exception may have ended. What the answer says goes
into the ticket; it can take a permitted target away, never add one.
"""

from msgspec import Struct
from msgspec.structs import replace

from gateway.domain.facts import Facts
from gateway.domain.label import Label, joined
from gateway.domain.masking import masks_for
from gateway.domain.target import Target
from gateway.pipeline import session
from gateway.pipeline.case import Case
from gateway.pipeline.deepen import deepened
from gateway.pipeline.world import World
from gateway.policy.decide.hard_rules import HardRules, bid_for
from gateway.policy.permission import permission


class Permit(Struct, frozen=True):
    """How one attempt may be made."""

    label: Label
    """Of what is sent: after masking, if ``masked``."""
    masked: bool = False
    exceptions: tuple[str, ...] = ()
    """Ids of the exceptions that permit it; the egress checks that each is still active."""


async def permit(case: Case, target: Target, world: World) -> Permit | None:
    """Return how the target may see the request now; None if it may no longer."""
    known = case.labelled
    if target.zone == "local" and target.clearance.whole:
        await known.memory.begin(world.sessions, case.team.id)
        return Permit(case.facts.label)
    now = world.clock.wall_ns() // 1_000_000_000
    held = {one.id for one in case.team.exceptions if one.holds(case.team.id, now)}
    excused = known.excepted
    if not held.issuperset(excused):
        return None
    facts = await _facts_now(case, target, world, held)
    if facts.label != case.facts.label and _newly_refused(case, facts, target):
        return None
    if case.snapshot.observes(case.team.id):
        return Permit(facts.label, exceptions=excused)
    granted = permission(target, facts, case.team)
    if granted.refusal is not None:
        return None
    label = facts.residual(masks_for(target, case.team)) if granted.masked else facts.label
    exceptions = (*excused, granted.exception) if granted.exception else excused
    return Permit(label, granted.masked, tuple(sorted(set(exceptions))))


async def _facts_now(case: Case, target: Target, world: World, held: set[str]) -> Facts:
    """Return the facts with what tier 2 and the conversation say by now, and the exceptions that still hold."""
    facts, known = case.facts, case.labelled
    if target.zone == "closed":
        known = await deepened(known, case.request, world)
    before = await session.recalled(world.sessions, case.team.id, known.conversation)
    kept = await known.memory.begin(world.sessions, case.team.id)
    exceptions = tuple(name for name in facts.exceptions if name in held)
    parts = session.merged([*known.parts, *before.parts, *([] if kept else [session.UNAVAILABLE])])
    label = joined(parts, known.floor)
    if label == facts.label and exceptions == facts.exceptions:
        return facts
    return replace(facts, label=label, parts=parts if facts.parts or case.snapshot.masks else (), exceptions=exceptions)


def _newly_refused(case: Case, facts: Facts, target: Target) -> bool:
    """Return whether a hard rule drops the target under the label as it is now."""
    return HardRules(case.snapshot, facts).first_refusal(bid_for(target, facts)) is not None
