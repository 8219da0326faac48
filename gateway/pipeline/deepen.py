"""Tier 2: a second scan before a request is sent to a vendor; local targets need not wait for it."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from gateway.domain.label import UNKNOWN, Label, Part, joined
from gateway.pipeline import session
from gateway.pipeline.label import Labelled
from gateway.pipeline.request import Request
from gateway.pipeline.world import World
from gateway.sensitivity.finding import Finding
from gateway.sensitivity.seams import Text
from gateway.sensitivity.walk import Read, walk

LATE: Final = Part("tier2:late", UNKNOWN)
"""A text that was not scanned in time counts as unknown. It does not taint, because the next scan may be faster."""


async def deepened(found: Labelled, request: Request, world: World) -> Labelled:
    """Return the label of a request after tier 2 has looked, if it is on and has not; what it finds taints."""
    if world.deep is None or found.deep:
        return found
    try:
        parts = await world.deep.look(list(_texts(request, found)))
        found.memory.learn(session.lasting(parts, Label(request.team.default_class)))
    except TimeoutError:
        parts = (LATE,)
    if not parts:
        return replace(found, deep=True)
    every = session.merged([*found.parts, *parts])
    findings = (*found.findings, *(Finding(part.kind, "", 0, 0) for part in parts))
    return replace(found, label=joined(every, found.floor), parts=every, findings=findings, deep=True)


def _texts(request: Request, found: Labelled) -> Iterator[str]:
    for item in walk(request.tree, found.documents):
        if isinstance(item, Text):
            yield item.value
        elif isinstance(item, Read):
            yield from item.document.texts
