"""What probes get without a token: no address, no path."""

from typing import Final

from gateway.admin.sources import Json

ALIVE: Final[Json] = {"status": "alive"}
_OPEN: Final = frozenset({"hash", "in_force", "waiting"})
"""What is said of the policy; the words of a fault may name files."""
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def readiness(status: Json | None) -> tuple[int, Json]:
    """Return the HTTP status and what is said of an edge by its own status; None: it does not answer."""
    if status is None or not status["ready"]:
        return 503, {"status": "not_ready", "edge": "unreachable" if status is None else "starting or draining"}
    return 200, {
        "status": "ready",
        "policy": {key: value for key, value in status["policy"].items() if key in _OPEN},
        "keys": {"in_force": status["keys"]["in_force"]},
        "targets": {target: state["state"] for target, state in status["targets"].items()},
        "spool_backlog_bytes": status["spool_backlog_bytes"],
    }
