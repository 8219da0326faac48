"""A caller says that a finding is wrong: recorded for the owner of its team, who may make an exception."""

from typing import Any, Final

import orjson

from gateway.domain.errors import InvalidRequest
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import DISPUTE, Action
from gateway.pipeline.world import World
from gateway.ports import Principal

_NO_FINDINGS: Final = ("exception:", "session:", "sealed:")
"""Beginnings of evidence that is no finding in this request."""


async def disputed(world: World, principal: Principal, decision: dict[str, Any]) -> bytes:
    """Record that the caller disputes what was found for a decision of its own; return what it is told.

    Raises:
        InvalidRequest: nothing was found in that request.
        LedgerUnavailable: it cannot be recorded.
    """
    found = [one for one in decision.get("evidence") or () if not str(one["detector"]).startswith(_NO_FINDINGS)]
    if not found:
        raise InvalidRequest(
            "nothing was found in this request, so there is nothing to dispute; "
            "dispute the decision that its conversation got the label from"
        )
    now = world.clock.wall_ns()
    places = [{"detector": one["detector"], "path": one["path"]} for one in found]
    action = Action(
        id=new_id("act", now // 1_000_000, world.random(RANDOM_BYTES)),
        at=now,
        actor=principal.key,
        role="caller",
        via="api",
        action=DISPUTE,
        subject=str(decision["id"]),
        after={"team": principal.team, "findings": places},
    )
    world.spool.append(action)
    await world.spool.commit()
    return orjson.dumps(
        {
            "object": "gateway.dispute",
            "id": action.id,
            "decision": action.subject,
            "findings": places,
            "next": "the owner of your team sees it with `gateway sensitivity disputes`, and may make an exception",
        }
    )
