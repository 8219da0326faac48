"""What an earlier process left in the books, before this one serves: orphans are settled, what was spent is summed."""

from collections.abc import Mapping
from typing import Final

import anyio

from gateway.policy.snapshot import Snapshot
from gateway.ports import Clock
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger_schema import LedgerOutdated
from gateway.stores.recovery import Recovered, recover
from gateway.stores.spool import SpoolWriter

UPGRADE_S: Final = 20.0
"""How long the ledger child may take to bring an older ledger up; it starts at the same time."""


async def recovered_books(data: DataDir, spool: SpoolWriter, clock: Clock) -> Recovered:
    """Settle what an earlier process left open.

    Raises:
        LedgerUnavailable: the ledger cannot be read, or stays of an older version.
    """
    with anyio.move_on_after(UPGRADE_S):
        while True:
            try:
                return await anyio.to_thread.run_sync(recover, data, spool, clock.wall_ns())
            except LedgerOutdated:
                await anyio.sleep(0.1)
    return await anyio.to_thread.run_sync(recover, data, spool, clock.wall_ns())


def spent(snapshot: Snapshot, recovered: Recovered) -> Mapping[str, int]:
    """Return what each team's budget has to count, by what that budget covers."""
    sums = dict(recovered.spent["closed"])
    for team in snapshot.teams.values():
        if team.budget is not None:
            sums[team.id] = recovered.spent[team.budget.covers].get(team.id, 0)
    return sums
