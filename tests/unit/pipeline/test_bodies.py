import pytest
from support.fakes import Reply

from gateway.failover.plan import Failure
from gateway.pipeline.bodies import beginning, drain, read_all
from gateway.pipeline.failures import AttemptFailed
from gateway.ports import UpstreamBroken

pytestmark = pytest.mark.anyio
CUT = UpstreamBroken("cut", sent=True)


async def test_a_body_within_the_limit_is_read_whole():
    assert await read_all(Reply(pieces=[b"a", b"b"]), 2) == b"ab"


async def test_a_body_above_the_limit_is_not_an_answer():
    with pytest.raises(AttemptFailed) as failed:
        await read_all(Reply(pieces=[b"a", b"bc"]), 2)
    assert failed.value.failure is Failure.BROKEN


async def test_of_an_errors_body_what_came_is_enough():
    assert await beginning(Reply(pieces=[b"abc", b"def", CUT]), 4) == b"abcd"
    assert await beginning(Reply(pieces=[b"abc", CUT]), 40) == b"abc"


async def test_what_follows_a_complete_answer_may_break():
    reply = Reply(pieces=[b"a", CUT])
    await drain(reply)
    assert reply._left == []
