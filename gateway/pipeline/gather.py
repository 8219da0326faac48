"""Everything that policy may look at, put together as facts; texts and names of people only as salted hashes.

Pure: what the process knows at this moment (money, speed, pace) is a :class:`~gateway.pipeline.standing.Standing`.
"""

from datetime import UTC, datetime
from typing import Final

from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.estimation.tokens import estimate_tokens
from gateway.pipeline.label import Labelled
from gateway.pipeline.request import Request
from gateway.pipeline.salt import Salt
from gateway.pipeline.standing import Standing

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def gather(request: Request, task: str, labelled: Labelled, standing: Standing, salt: Salt) -> Facts:
    """Return the facts of a request; ``task``: what :func:`~gateway.pipeline.request.task_of` says of it."""
    inbound, shape, principal, snapshot = request.inbound, request.shape, request.principal, request.snapshot
    at, masks = datetime.fromtimestamp(inbound.received_ns / 1e9, UTC), snapshot.masks
    return Facts(
        team=principal.team,
        key=principal.key,
        model=shape.model,
        dialect=inbound.dialect.name,
        task=task,
        user=salt.hash("user", principal.team, shape.user),
        session=labelled.conversation.id.removeprefix("s:"),
        conversation=labelled.opening,
        label=labelled.label,
        stream=shape.stream,
        has_tools=shape.has_tools,
        has_images=shape.has_images,
        needs=shape.needs,
        input_tokens=estimate_tokens(labelled.text_bytes),
        input_bytes=len(request.body),
        max_tokens=shape.max_tokens,
        choices=shape.choices,
        hour=at.hour,
        weekday=at.weekday(),
        budget_left_nanos=standing.budget_left_nanos,
        latency_ms=standing.latency_ms,
        floor=labelled.floor if masks else Label(),
        parts=labelled.parts if masks else (),
        sealed=labelled.sealed,
        exceptions=tuple(sorted([one.id for one in labelled.exceptions if one.targets])) if labelled.exceptions else (),
        day=(at - _EPOCH).days if snapshot.dated else 0,
        service_tier=shape.service_tier,
        used=standing.used,
        typical=standing.typical,
        pace=standing.pace,
        governed=standing.governed,
        images=shape.images,
        fetches=shape.fetches,
    )
