"""What would be decided, without a hold, a record or a byte sent."""

import orjson

from gateway.pipeline import headers
from gateway.pipeline.case import Case
from gateway.policy.decide.refusal import refusal
from gateway.ports import LoadBoard, Responder


async def dry_run(case: Case, board: LoadBoard, respond: Responder) -> None:
    """Answer with the decision: 200 even if nothing is permitted, JSON even if a stream was asked for."""
    ranked = [
        {
            "target": entry.target,
            "zone": entry.zone,
            "expected_nanos": entry.expected_nanos,
            "hold_nanos": entry.hold_nanos,
            "quality": entry.quality,
            "available": available,
            "unavailable_because": None if available else board.why_unavailable(case.target(entry)),
        }
        for entry in case.decision.ranked
        for available in (bool(board.endpoints(case.target(entry), case.facts.conversation)),)
    ]
    refused = refusal(case.snapshot, case.decision, case.facts)
    chosen = None if refused or not case.decision.ranked else case.decision.ranked[0]
    decision = case.decision.as_json()
    body = orjson.dumps(
        {
            "object": "gateway.decision",
            "id": case.inbound.id,
            "target": chosen.target if chosen else None,
            "refused": refused,
            "zone": chosen.zone if chosen else None,
            "model": case.decision.model,
            "data_class": case.facts.label.data_class.word,
            "categories": sorted(case.facts.label.categories),
            "ranked": ranked,
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
    )
    fields = headers.decided(case)
    if chosen is not None:
        fields += [(b"x-gateway-target", chosen.target.encode()), (b"x-gateway-zone", chosen.zone.encode())]
    fields += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await respond.start(200, fields)
    await respond.finish(body)
