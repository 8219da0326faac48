"""A caller disputes what was found for a decision of its own, and nobody else's."""

import orjson
import pytest
from support.fakes import KEY, Fakes, policy

from gateway.domain.errors import InvalidRequest
from gateway.domain.records import Action
from gateway.edge.own import DecisionNotFound, Own
from gateway.pipeline.inbound import Headers

pytestmark = pytest.mark.anyio

MINE = Headers({"x-api-key": KEY}, frozenset())
IBAN = {"detector": "iban", "path": "messages[0].content", "span": [0, 9]}


def disputing(*evidence, key="key_1"):
    fakes = Fakes(snapshot=policy())
    return fakes, Own(fakes.world, lambda _: {"id": "dec_1", "key": key, "evidence": list(evidence)})


async def test_it_is_recorded_with_kinds_and_places_and_without_a_value():
    fakes, own = disputing(IBAN, {"detector": "exception:pilot", "path": "", "span": [0, 0]})
    told = orjson.loads(await own.dispute(MINE, "dec_1"))
    (action,) = fakes.spool.of(Action)
    assert (action.action, action.subject, action.role) == ("decision.dispute", "dec_1", "caller")
    assert action.after == {"team": "t", "findings": [{"detector": "iban", "path": "messages[0].content"}]}
    assert told["id"] == action.id
    assert "gateway sensitivity disputes" in told["next"]
    assert fakes.spool.durable == len(fakes.spool.records)


@pytest.mark.parametrize("evidence", [[], [{"detector": "session:iban", "path": "dec_0", "span": [0, 0]}]])
async def test_where_nothing_was_found_there_is_nothing_to_dispute(evidence):
    fakes, own = disputing(*evidence)
    with pytest.raises(InvalidRequest, match="nothing was found"):
        await own.dispute(MINE, "dec_1")
    assert fakes.spool.records == []


async def test_anothers_decision_is_not_there():
    fakes, own = disputing(IBAN, key="key_2")
    with pytest.raises(DecisionNotFound):
        await own.dispute(MINE, "dec_1")
    assert fakes.spool.records == []
