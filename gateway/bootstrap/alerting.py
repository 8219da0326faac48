"""Checks every budget once a minute and reports news: metrics, log, webhook. Runs in the ledger child."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import orjson

from gateway.admin.edge_client import EdgeClient
from gateway.domain.budget import Account, Spent, accounts, counted, period
from gateway.domain.errors import LedgerUnavailable
from gateway.estimation.alerts import Alert, Watch
from gateway.queries.policy import policy_text
from gateway.settings import Alerts
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader
from gateway.telemetry.ledger_metrics import LedgerMetrics
from gateway.telemetry.logs import Log
from gateway.telemetry.webhook import Webhook, http_post

if TYPE_CHECKING:
    from gateway.policy.snapshot import PolicySnapshot


class Alerting:
    """Checks again and again, with the active policy."""

    def __init__(self, settings: Alerts, data: DataDir, edge: EdgeClient, metrics: LedgerMetrics, log: Log) -> None:
        """Read the webhook's secret, and what an earlier process could not deliver.

        Raises:
            OSError: its file cannot be read.
            ValueError: it is empty.
        """
        self._reader, self._edge, self._metrics, self._log = LedgerReader(data), edge, metrics, log
        self._every = settings.every_seconds
        self._watch = Watch()
        self._hash = ""
        self._snapshot: PolicySnapshot | None = None
        self._keys: set[tuple[str, str]] = set()
        self.webhook = _webhook(settings, data.alerts, log)

    async def run(self) -> None:
        """Look until cancelled. A ledger or an edge that does not answer is queried again at the next turn."""
        while self._every:
            await anyio.sleep(self._every)
            try:
                snapshot = await self._policy()
                if snapshot is not None:
                    self._tell(await anyio.to_thread.run_sync(self.look, snapshot, time.time_ns()))
            except (OSError, LedgerUnavailable) as error:
                self._log.event("alerts_failed", "error", kind=type(error).__name__)

    def look(self, snapshot: "PolicySnapshot", at_ns: int) -> list[Alert]:
        """Return what is new about the budgets of the organization, of teams and of keys that took something."""
        budgets = {budget for team in snapshot.teams.values() for budget in team.budgets}
        with self._reader.view() as view:
            taken = {start: view.spent_by(start) for start in {period(one, at_ns).start_ns for one in budgets}}
        keys = {(row.team, row.key) for rows in taken.values() for row in rows if row.key}
        # With those of the last look, to report the end of an alert of a key whose new period is still empty.
        found = list(_followed(snapshot, keys | self._keys, taken, at_ns))
        self._keys = keys
        return self._watch.look(found, at_ns)

    async def _policy(self) -> "PolicySnapshot | None":
        status = await self._edge.status()
        name = str(status["policy"]["hash"]) if status else ""
        if name and name != self._hash:
            text = await anyio.to_thread.run_sync(policy_text, self._reader, name)
            if text is not None:
                self._hash = name
                self._snapshot = _built(text) if b'"budget"' in text else None
        return self._snapshot

    def _tell(self, alerts: list[Alert]) -> None:
        self._metrics.budgets(self._watch.burns, self._watch.ends)
        for alert in alerts:
            self._metrics.alert(alert.kind)
            data = alert.as_json()
            about = {name: value for name, value in data.items() if name not in {"id", "type", "at", "exhaustion"}}
            self._log.event(alert.kind, "info" if alert.kind == "budget_recovered" else "warning", **about)
            if self.webhook is not None:
                self.webhook.put(data)


def _built(canonical: bytes) -> "PolicySnapshot":
    from gateway.policy.replay.replay import from_canonical  # noqa: PLC0415 -- a policy without budgets needs none of it

    return from_canonical(canonical)


def _followed(
    snapshot: "PolicySnapshot", keys: Iterable[tuple[str, str]], taken: Mapping[int, Sequence[Spent]], at_ns: int
) -> Iterator[tuple[Account, int]]:
    """Yield each account with what is spent of it: the organization's once, keys' own last."""
    seen = set()
    for team, key in [*((name, "") for name in snapshot.teams), *sorted(keys)]:
        budgets = snapshot.teams[team].paying(key) if team in snapshot.teams else ()
        for account in accounts(budgets, team, key, at_ns):
            place = (account.counter, account.limit)
            if place not in seen and (account.budget.payer == "key") == bool(key):
                seen.add(place)
                yield account, counted(account, taken[account.period.start_ns])


def _webhook(settings: Alerts, file: Path, log: Log) -> Webhook | None:
    if not settings.webhook_url:
        return None
    secret = Path(settings.secret_file).read_bytes().strip() if settings.secret_file else b""
    if not secret:
        msg = "alerts.webhook_url needs alerts.secret_file: a file with a long random text that signs each alert"
        raise ValueError(msg)
    post = partial(http_post, settings.webhook_url)

    def lost(alert: dict[str, Any], why: str) -> None:
        log.event("alert_lost", "error", id=alert.get("id"), type=alert.get("type"), why=why)

    clocks = (time.time, time.monotonic)
    return Webhook(post, secret, *clocks, waiting=_kept(file), keep=partial(_keep, file), lost=lost)


def _kept(file: Path) -> list[dict[str, Any]]:
    """Return the alerts that an earlier process did not deliver; a file that cannot be read holds none."""
    try:
        found = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _keep(file: Path, waiting: Sequence[dict[str, Any]]) -> None:
    """Write what waits, whole or not at all; on a full disk it waits in memory alone."""
    draft = file.with_name(file.name + ".new")
    with suppress(OSError):
        draft.touch(0o600)
        draft.write_bytes(orjson.dumps(waiting))
        draft.replace(file)
