"""Tier 2: a second scan before a request is sent to a vendor; local targets need not wait for it."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from gateway.domain.label import UNKNOWN, Label, Part, joined
from gateway.domain.team import Team
from gateway.pipeline import session
from gateway.pipeline.label import Labelled
from gateway.pipeline.request import Request
from gateway.pipeline.world import World
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.finding import Finding
from gateway.sensitivity.seams import Text
from gateway.sensitivity.walk import Read, walk

LATE: Final = Part("tier2:late", UNKNOWN)
"""A text that was not scanned in time counts as unknown. It does not taint, because the next scan may be faster."""


async def deepened(found: Labelled, request: Request, world: World, *, keep: bool = True) -> Labelled:
    """Return the label of a request after tier 2 has looked, if it is on and has not; what it finds taints.

    ``keep``: the conversation remembers it (a dry run leaves no trace).
    """
    if world.deep is None or found.deep:
        return found
    try:
        parts = await world.deep.look(list(_texts(request, found)))
        if keep:
            await _keep(parts, found, request.team, world)
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


async def _keep(parts: Sequence[Part], found: Labelled, team: Team, world: World) -> None:
    """Let the conversation remember what was found.

    Raises:
        TimeoutError: it cannot; the request is then as unknown as one that was not read.
    """
    own = Label(team.default_class)
    try:
        with session.in_time(world.sessions):
            await session.remember(world.sessions, team.id, found.conversation, session.lasting(parts, own))
    except SessionsUnavailable as error:
        raise TimeoutError from error
