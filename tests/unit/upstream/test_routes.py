from contextlib import asynccontextmanager

import pytest
from support.fakes import policy

from gateway.ports import UpstreamBroken
from gateway.upstream.routes import Routes

pytestmark = pytest.mark.anyio

TARGETS = policy().targets


class Way:
    def __init__(self, name: str) -> None:
        self.name = name

    @asynccontextmanager
    async def open(self, call):
        yield self.name


class Call:
    def __init__(self, target: str) -> None:
        self.target = TARGETS[target]


@pytest.mark.parametrize(("target", "way"), [("home", "local"), ("away", "egress")])
async def test_the_zone_decides_the_way(target, way):
    async with Routes(Way("local"), Way("egress")).open(Call(target)) as taken:
        assert taken == way


async def test_without_an_egress_nothing_leaves():
    with pytest.raises(UpstreamBroken) as caught:
        async with Routes(Way("local"), None).open(Call("away")):
            pass
    assert caught.value.egress
    assert not caught.value.sent
