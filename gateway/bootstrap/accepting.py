"""Takes an accept of another host over: while a policy is held here, the ledger that hosts share is asked for it.

It runs in the ledger child, which has the database's driver and its password. An egress that runs alone has none of
these, and none of what the edges can write counts there.
"""

from typing import Final

import anyio

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.accepts import accepted_elsewhere
from gateway.stores.policy.kept import KeptPolicy
from gateway.telemetry.logs import Log

PERIOD_S: Final = 2.0


class Accepting:
    """Asks again and again, while there is something to accept."""

    def __init__(self, data: DataDir, log: Log) -> None:
        self._data, self._log = data, log
        self._kept = KeptPolicy(data.policy)
        self._failing = False

    async def run(self) -> None:
        """Look until cancelled; a ledger of this host alone is never asked."""
        while self._data.ledger_url != SQLITE:
            await anyio.sleep(PERIOD_S)
            await anyio.to_thread.run_sync(self.look)

    def look(self) -> bool:
        """Note the accept of what is held here, if there is one; return whether there was.

        The supervisor sees the note, and looks at the files again.
        """
        waiting = self._kept.waiting()
        if waiting is None or waiting.event != "held" or waiting.policy in self._kept.accepted():
            return False
        try:
            found = accepted_elsewhere(self._data, waiting.policy)
            if found is not None:
                reason = str((found.after or {}).get("reason", ""))
                self._kept.accept(waiting.policy, by=found.actor, reason=reason, at_ns=found.at)
        except (LedgerUnavailable, OSError, ValueError) as error:
            if not self._failing:  # once: it is asked again every two seconds
                self._log.event("accepts_not_read", "error", kind=type(error).__name__)
            self._failing = True
            return False
        self._failing = False
        if found is None:
            return False
        self._log.event("policy_accepted", policy=waiting.policy, by=found.actor, action=found.id)
        return True
