"""Requests that are sent masked: what was found in them, alone and in twos, with the label that it makes.

More findings only make a label stricter and never masking easier, so one finding stands for all requests that hold it;
two stand for those that an invariant names by a class that the one has and a category that the other has.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from gateway.domain.facts import Facts
from gateway.domain.label import Label, Part, joined
from gateway.domain.masking import Masks, masks_for
from gateway.domain.target import Target
from gateway.policy.decide.hard_rules import first_certain_refusal
from gateway.policy.snapshot import PolicySnapshot

Parts = tuple[Part, ...]


def found_together(snapshot: PolicySnapshot, sort: Callable[[str], object]) -> list[Parts]:
    """Return what can be found in a request, alone and in twos; of findings that are alike only one.

    ``sort``: what else tells kinds of sure findings apart.
    """
    if not snapshot.masks:
        return []
    distinct = _distinct_masks(snapshot)
    alike: dict[object, Part] = {}
    for kind, (sure, likely) in snapshot.sensitivity.labels().items():
        for label, sorted_as in ((sure, sort(kind)), (likely, sort(kind) if likely == sure else None)):
            alike.setdefault((label, tuple([one.cover(kind) for one in distinct]), sorted_as), Part(kind, label))
    parts = [part for part in alike.values() if any(one.cover(part.kind) for one in distinct)]
    twos = [two for two in combinations(alike.values(), 2) if any(one in parts for one in two)]
    return [*[(one,) for one in parts], *[tuple(sorted(two, key=lambda one: one.kind)) for two in twos]]


def _distinct_masks(snapshot: PolicySnapshot) -> list[Masks]:
    closed = [target for target in snapshot.targets.values() if target.zone == "closed"]
    every = [None, *snapshot.teams.values()]
    return list(dict.fromkeys(masks_for(target, team) for target in closed for team in every))


def holding(team: str, parts: Parts) -> Facts:
    """Return the facts of a team's request in which this was found, and nothing else."""
    return Facts(team, "", "", "", label=joined(parts), parts=parts)


@dataclass(frozen=True, slots=True)
class MaskedCell:
    """How a team's text with one kind of finding may be sent to a vendor's target."""

    team: str
    kind: str
    """Of a detector, or image, audio, pdf, file."""
    target: str
    way: str
    """``as it is``, ``masked`` or ``never``."""
    rule: str = ""
    """The rule that keeps it back."""


def masked_matrix(snapshot: PolicySnapshot) -> Iterator[MaskedCell]:
    """Yield how each kind of finding of each team may be sent to each closed target: sure ones, found alone."""
    closed = [target for _, target in sorted(snapshot.targets.items()) if target.zone == "closed"]
    labels = {kind: sure for kind, (sure, _) in snapshot.sensitivity.labels().items()}
    for team, owner in sorted(snapshot.teams.items()):
        own = {
            f"unscannable:{kind}": Label(level) for kind, level in owner.unscannable if f"unscannable:{kind}" in labels
        }
        for kind, label in (labels | own).items():
            part = Part(kind, label)
            for target in closed:
                yield _cell(snapshot, team, part, target)


def _cell(snapshot: PolicySnapshot, team: str, part: Part, target: Target) -> MaskedCell:
    name = part.kind.removeprefix("unscannable:")
    keeping = first_certain_refusal(snapshot, target, Facts(team, "", "", "", label=part.label))
    if keeping is None:
        return MaskedCell(team, name, target.id, "as it is")
    masked = first_certain_refusal(snapshot, target, holding(team, (part,)))
    if masked is None:
        return MaskedCell(team, name, target.id, "masked")
    return MaskedCell(team, name, target.id, "never", masked.rule.name)
