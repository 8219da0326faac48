"""Whether this edge is ready: about the gateway, not about its targets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

EGRESS_WAIT_S: Final = 20.0
"""How long the first readiness waits for the egress to have answered that it is warm."""


@dataclass(slots=True)
class Health:
    """Readiness of one edge process."""

    now: Callable[[], float]
    started: float
    needs_egress: bool
    egress_seen: Callable[[], bool]
    spool_ok: Callable[[], bool]
    recovered: bool = False
    draining: bool = False
    _was_ready: bool = False

    def ready(self) -> bool:
        """Return whether calls are accepted. An egress that dies later changes nothing: local traffic continues."""
        if self.draining or not self.recovered or not self.spool_ok():
            return False
        if not self._was_ready:
            waited = self.now() - self.started >= EGRESS_WAIT_S
            self._was_ready = not self.needs_egress or self.egress_seen() or waited
        return self._was_ready
