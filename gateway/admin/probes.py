"""What probes get without a token: no address, no path."""

from typing import Final

from gateway.admin.sources import Json

ALIVE: Final[Json] = {"status": "alive"}
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def readiness(status: Json | None) -> tuple[int, Json]:
    """Return the HTTP status and what is said of an edge by its own status; None: it does not answer."""
    if status is None or not status["ready"]:
        return 503, {"status": "not_ready", "edge": "unreachable" if status is None else "starting or draining"}
    return 200, {
        "status": "ready",
        "policy": {"hash": status["policy"]["hash"], "in_force": status["policy"]["in_force"]},
        "keys": {"in_force": status["keys"]["in_force"]},
        "targets": {target: state["state"] for target, state in status["targets"].items()},
        "spool_backlog_bytes": status["spool_backlog_bytes"],
    }
