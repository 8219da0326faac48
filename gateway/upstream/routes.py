"""Zone decides the way: closed targets through the egress, local ones straight from the edge."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.ports import UpstreamAnswer, UpstreamBroken, UpstreamCall
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.local import LocalUpstream


@dataclass(frozen=True, slots=True)
class Routes:
    """Both ways behind the one port."""

    local: LocalUpstream
    egress: EgressUpstream | None

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncGenerator[UpstreamAnswer]:
        """Send a call the way of its target's zone.

        Raises:
            UpstreamBroken: no head came, or there is no egress.
        """
        if call.target.zone == "local":
            async with self.local.open(call) as answer:
                yield answer
        elif self.egress is not None:
            async with self.egress.open(call) as answer:
                yield answer
        else:
            raise UpstreamBroken("no egress is configured", sent=False, egress=True)
