"""Zone decides the way: closed targets through the egress, local ones straight from the edge."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from gateway.ports import UpstreamAnswer, UpstreamBroken, UpstreamCall
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.local import LocalUpstream


@dataclass(frozen=True, slots=True)
class Routes:
    """Both ways behind the one port."""

    local: LocalUpstream
    egress: EgressUpstream | None

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[UpstreamAnswer]:
        """Send a call the way of its target's zone.

        Raises:
            UpstreamBroken: no head came, or there is no egress.
        """
        if call.target.zone == "local":
            return self.local.open(call)
        if self.egress is None:
            raise UpstreamBroken("no egress is configured", sent=False, egress=True)
        return self.egress.open(call)
