"""Looks at every budget once a minute and tells what is new: metrics, log, webhook. Runs in the ledger child."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import anyio

from gateway.admin.edge_client import EdgeClient
from gateway.domain.budget import Account, accounts
from gateway.domain.errors import LedgerUnavailable
from gateway.estimation.alerts import Alert, Watch
from gateway.policy.replay import from_canonical
from gateway.policy.snapshot import Snapshot
from gateway.settings import Alerts
from gateway.stores.ledger_reader import LedgerReader
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log
from gateway.telemetry.webhook import Webhook, http_post

ORGANIZATION: Final = ""


class Alerting:
    """One look after the other, on the policy that is in force."""

    def __init__(
        self, settings: Alerts, reader: LedgerReader, edge: EdgeClient, metrics: LedgerMetrics, log: Log
    ) -> None:
        """Read the webhook's secret.

        Raises:
            OSError: its file cannot be read.
            ValueError: it is empty.
        """
        self._reader, self._edge, self._metrics, self._log = reader, edge, metrics, log
        self._every = settings.every_seconds
        self._watch = Watch()
        self._hash = ""
        self._snapshot: Snapshot | None = None
        self.webhook = _webhook(settings)

    async def run(self) -> None:
        """Look until cancelled. A ledger or an edge that does not answer is asked again at the next turn."""
        while self._every:
            await anyio.sleep(self._every)
            try:
                snapshot = await self._policy()
                if snapshot is not None:
                    self._tell(await anyio.to_thread.run_sync(self.look, snapshot, time.time_ns()))
            except (OSError, LedgerUnavailable) as error:
                self._log.event("alerts_failed", "error", kind=type(error).__name__)

    def look(self, snapshot: Snapshot, at_ns: int) -> list[Alert]:
        """Return what is new about the budgets of teams and of the organization."""
        found = []
        with self._reader.view() as view:
            for account in _accounts(snapshot, at_ns):
                rows = view.cost_rows(account.period.start_ns, at_ns + 1, "team")
                spent = sum(
                    row.closed_cost + (row.local_cost if account.budget.covers == "all" else 0)
                    for row in rows
                    if account.owner in {ORGANIZATION, row.name}
                )
                found.append((account, spent))
        return self._watch.look(found, at_ns)

    async def _policy(self) -> Snapshot | None:
        status = await self._edge.status()
        name = str(status["policy"]["hash"]) if status else ""
        if name and name != self._hash:
            text = await anyio.to_thread.run_sync(self._reader.policy, name)
            if text is not None:
                self._hash = name
                self._snapshot = from_canonical(text) if b'"budget"' in text else None
        return self._snapshot

    def _tell(self, alerts: list[Alert]) -> None:
        self._metrics.budgets(self._watch.burns, self._watch.ends)
        for alert in alerts:
            self._metrics.alert(alert.kind)
            data = alert.as_json()
            about = {name: data[name] for name in ("payer", "owner", "period", "limit_usd", "spent_usd", "detail")}
            self._log.event(alert.kind, "info" if alert.kind == "budget_recovered" else "warning", **about)
            if self.webhook is not None:
                self.webhook.put(data)


def _accounts(snapshot: Snapshot, at_ns: int) -> Iterator[Account]:
    """Yield the accounts in dollars of teams, and each of the organization once. Keys' own are not followed."""
    seen = set()
    for team in snapshot.teams.values():
        for account in accounts(team.budgets, team.id, "", at_ns):
            if account.unit == "usd" and account.budget.payer != "key" and account.counter not in seen:
                seen.add(account.counter)
                yield account


def _webhook(settings: Alerts) -> Webhook | None:
    if not settings.webhook_url:
        return None
    secret = Path(settings.secret_file).read_bytes().strip() if settings.secret_file else b""
    if not secret:
        msg = "alerts.webhook_url needs alerts.secret_file: a file with a long random text that signs each alert"
        raise ValueError(msg)
    return Webhook(partial(http_post, settings.webhook_url), secret, time.time)
