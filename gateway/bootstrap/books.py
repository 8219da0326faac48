"""Before serving: settles orphans of earlier processes and sums what was spent."""

import fcntl
from typing import Final

import anyio

from gateway.domain.admission import BudgetEntry
from gateway.domain.budget import accounts, counted, period
from gateway.policy.snapshot import PolicySnapshot
from gateway.ports import Clock
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.schema import LedgerOutdated
from gateway.stores.shipping.recovery import Recovered, recover
from gateway.stores.spool.writer import SpoolWriter

UPGRADE_S: Final = 20.0
"""How long the ledger child may take to upgrade an older ledger; it starts at the same time."""


async def recovered_books(data: DataDir, spool: SpoolWriter, clock: Clock) -> Recovered:
    """Settle what an earlier process left open.

    Raises:
        LedgerUnavailable: the ledger cannot be read, or stays of an older version.
    """
    with anyio.move_on_after(UPGRADE_S):
        while True:
            try:
                return await anyio.to_thread.run_sync(_recover, data, spool, clock.wall_ns())
            except LedgerOutdated:
                await anyio.sleep(0.1)
    return await anyio.to_thread.run_sync(_recover, data, spool, clock.wall_ns())


def _recover(data: DataDir, spool: SpoolWriter, now_ns: int) -> Recovered:
    """Recover while no other worker does: the second one finds in the spool what the first one settled."""
    with (data.path / "recovery.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return recover(data, spool, now_ns)


def spent(snapshot: PolicySnapshot, reader: LedgerReader, now_ns: int) -> list[BudgetEntry]:
    """Return what each budget of a policy has spent in its running period, one entry a counter, as the ledger has it.

    Raises:
        LedgerUnavailable: the ledger cannot be read.
    """
    sums: dict[str, BudgetEntry] = {}
    budgets = {budget for team in snapshot.teams.values() for budget in team.budgets}
    if not budgets:
        return []
    with reader.view() as view:
        for start in {period(budget, now_ns).start_ns for budget in budgets}:
            rows = view.spent_by(start)
            for team in snapshot.teams.values():
                keys = {row.key for row in rows if row.team == team.id} or {""}
                for account in (one for key in keys for one in accounts(team.paying(key), team.id, key, now_ns)):
                    if account.period.start_ns == start:
                        sums[account.counter] = BudgetEntry(account.counter, counted(account, rows), None, account.ends)
    return list(sums.values())
