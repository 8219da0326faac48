"""What the edge tells the ledger child, which serves the admin plane: status and metrics, over a private socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.asgi import AsgiResponder, Receive, Scope, Send
from gateway.domain.money import usd_text
from gateway.edge.health import Health
from gateway.policy.snapshot import Snapshot
from gateway.ports import HoldStore
from gateway.telemetry.metrics import EdgeMetrics

STATUS_PATH: Final = "/internal/status"
METRICS_PATH: Final = "/internal/metrics"

TargetStates = Callable[[Mapping[str, Any]], dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Internal:
    """The ASGI app behind the edge's private socket."""

    health: Health
    policy: Callable[[], Snapshot]
    policy_problem: Callable[[], str]
    """Why the newest policy files are not in force; empty if they are."""
    holds: HoldStore
    targets: TargetStates
    backlog: Callable[[], int]
    metrics: EdgeMetrics
    instance: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- nothing is read
        """Answer one question."""
        if scope["type"] != "http":
            return
        respond = AsgiResponder(send)
        if scope["path"] == STATUS_PATH:
            await respond.answer(200, orjson.dumps(self._status()))
        elif scope["path"] == METRICS_PATH:
            await respond.answer(200, self._metrics(), "text/plain; version=0.0.4; charset=utf-8")
        else:
            await respond.answer(404, b"{}")

    def _status(self) -> dict[str, Any]:
        snapshot = self.policy()
        return {
            "instance": self.instance,
            "ready": self.health.ready(),
            "draining": self.health.draining,
            "policy": {"hash": snapshot.hash, "in_force": not self.policy_problem(), "problem": self.policy_problem()},
            "targets": self.targets(snapshot.targets),
            "teams": {
                team.id: {"budget_usd": usd_text(team.budget.usd_nanos), "left_usd": usd_text(left)}
                for team in snapshot.teams.values()
                if team.budget is not None and (left := self.holds.left(team.id)) is not None
            },
            "spool_backlog_bytes": self.backlog(),
        }

    def _metrics(self) -> bytes:
        snapshot = self.policy()
        states = self.targets(snapshot.targets)
        up = {target: (snapshot.targets[target].zone, bool(state["available"])) for target, state in states.items()}
        left = {team: amount for team in snapshot.teams if (amount := self.holds.left(team)) is not None}
        return self.metrics.render(up=up, left=left, backlog=self.backlog())
