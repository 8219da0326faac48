"""What would be decided, without a hold, a record or a byte sent."""

from typing import Any

import orjson

from gateway.domain.decision import Ranked
from gateway.pipeline import headers
from gateway.pipeline.case import Case
from gateway.policy.decide.refusal import refusal
from gateway.ports import LoadBoard, Responder


async def dry_run(case: Case, board: LoadBoard, respond: Responder) -> None:
    """Answer with the decision: 200 even if nothing is permitted, JSON even if a stream was requested."""
    refused = refusal(case.snapshot, case.decision, case.facts)
    chosen = None if refused or not case.decision.ranked else case.decision.ranked[0]
    body = orjson.dumps(_decided(case, board, refused, chosen))
    fields = headers.decided(case)
    if chosen is not None:
        fields += [(b"x-gateway-target", chosen.target.encode()), (b"x-gateway-zone", chosen.zone.encode())]
    fields += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await respond.start(200, fields)
    await respond.finish(body)


def _decided(case: Case, board: LoadBoard, refused: str | None, chosen: Ranked | None) -> dict[str, Any]:
    decision = case.decision.as_json()
    return {
        "object": "gateway.decision",
        "id": case.inbound.id,
        "target": chosen.target if chosen else None,
        "refused": refused,
        "zone": chosen.zone if chosen else None,
        "model": case.decision.model,
        "data_class": case.facts.label.data_class.word,
        "categories": sorted(case.facts.label.categories),
        "ranked": [_ranked(case, board, entry) for entry in case.decision.ranked],
        "dropped": decision["dropped"],
        "would_drop": decision["would_drop"],
        "masked": case.decision.masked,
        "excepted": dict(case.decision.excepted),
        "reason": case.decision.reason,
        "rule": case.decision.rule,
        "rollout": case.decision.rollout or None,
        "policy": case.decision.policy,
        "evidence": case.evidence,
        "facts": case.facts.as_json(),
    }


def _ranked(case: Case, board: LoadBoard, entry: Ranked) -> dict[str, Any]:
    target = case.target(entry)
    available = bool(board.endpoints(target, case.facts.conversation))
    return {
        "target": entry.target,
        "zone": entry.zone,
        "expected_nanos": entry.expected_nanos,
        "hold_nanos": entry.hold_nanos,
        "quality": entry.quality,
        "available": available,
        "unavailable_because": None if available else board.why_unavailable(target),
    }
