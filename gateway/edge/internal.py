"""Data of the edge for the ledger child, which serves the admin plane: status and metrics, over a private socket."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.asgi import AsgiResponder, Receive, Scope, Send
from gateway.domain.budget import Account
from gateway.domain.money import usd_text
from gateway.edge.health import Health
from gateway.pipeline.payment import left, paying
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import StateStore
from gateway.telemetry.metrics import EdgeMetrics

STATUS_PATH: Final = "/internal/status"
METRICS_PATH: Final = "/internal/metrics"

TargetStates = Callable[[Mapping[str, Any]], dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Internal:
    """The ASGI app behind the edge's private socket."""

    health: Health
    policy: Callable[[], PolicySnapshot]
    policy_state: Callable[[], dict[str, Any]]
    """The policy in force, and why newer files are not; see ``gateway.bootstrap.policies.state_of``."""
    keys_problem: Callable[[], str]
    """Why the newest API keys are not all in force; empty if they are."""
    state: StateStore
    now_ns: Callable[[], int]
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
            "policy": self.policy_state(),
            "keys": {"in_force": not self.keys_problem(), "problem": self.keys_problem()},
            "targets": self.targets(snapshot.targets),
            "teams": {
                team: {"budget_usd": usd_text(account.limit), "left_usd": usd_text(left(account, self.state))}
                for team, account in self._tightest().items()
            },
            "spool_backlog_bytes": self.backlog(),
        }

    def _metrics(self) -> bytes:
        snapshot = self.policy()
        states = self.targets(snapshot.targets)
        up = {target: (snapshot.targets[target].zone, bool(state["available"])) for target, state in states.items()}
        rest = {team: left(account, self.state) for team, account in self._tightest().items()}
        return self.metrics.render(up=up, left=rest, backlog=self.backlog())

    def _tightest(self) -> dict[str, Account]:
        """Return of each team the budget in dollars with the least left, keys' own ones aside."""
        now, found = self.now_ns(), {}
        for team in self.policy().teams.values():
            paid = [one for one in paying(team, "", now) if one.unit == "usd" and one.budget.payer != "key"]
            if paid:
                found[team.id] = min(paid, key=lambda one: left(one, self.state))
        return found
