"""Days whose requests a running budget still needs one by one: those inside of which its period began."""

from gateway.domain.budget import period
from gateway.queries.policy import policy_for
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.rollup import DAY_NS


def budget_days(reader: LedgerReader, now_ns: int) -> frozenset[int]:
    """Return the days (since 1970, UTC) in which a period began that runs now, but not at midnight UTC.

    Of the newest policy in the ledger; sums by day do not show which part of such a day belongs to the period.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with reader.view() as view:
        policy = policy_for(view, None)
    if policy is None:
        return frozenset()
    starts = {period(budget, now_ns).start_ns for team in policy.teams.values() for budget in team.budgets}
    return frozenset(start // DAY_NS for start in starts if start % DAY_NS)
