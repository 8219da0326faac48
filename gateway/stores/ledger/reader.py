"""The ledger as people and the admin plane read it: with the server up, down or killed, unshipped spool included."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from gateway.domain.budget import Spent
from gateway.domain.costs import CostRow, Grouping
from gateway.domain.records import Action, AttemptStarted
from gateway.domain.target import Zone
from gateway.pricing.commitment import Commitment, DrawDown
from gateway.pricing.measured import Measured, WorkedHour
from gateway.pricing.rerate import Charged
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger import report_sums
from gateway.stores.ledger.actions import actions
from gateway.stores.ledger.drawn import drawn, newest
from gateway.stores.ledger.gpu_hours import measured, worked
from gateway.stores.ledger.place import snapshot
from gateway.stores.ledger.requests import details, rows_of
from gateway.stores.ledger.rerating import charged, settled_by_hour
from gateway.stores.ledger.rollup import DIMENSIONS
from gateway.stores.ledger.snapshot import LedgerSnapshot
from gateway.stores.ledger.spent import spent_by
from gateway.stores.sql.database import Row

EVER: Final = 1 << 62
MOST_LED_TO: Final = 100
_WEEK_NS: Final = 7 * 86_400 * 1_000_000_000
_UNFINISHED: Final = (
    "d.id IN (SELECT decision FROM {db}.unrolled)"
    " AND NOT EXISTS (SELECT 1 FROM {db}.finished e WHERE e.decision = d.id)"
)


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """What a replay needs."""

    policy: str
    facts: dict[str, Any]
    canonical: bytes
    """The decision's bytes, exactly as they were."""


class LedgerView:
    """One consistent sight; all answers of a view are of the same moment."""

    def __init__(self, seen: LedgerSnapshot) -> None:
        self._seen = seen

    def decision(self, decision: str) -> dict[str, Any] | None:
        """Return everything of one request; None if there is none of this id."""
        found = self._requests("d.id = :id", {"id": decision, "limit": 1})
        return details(self._seen, found[0]) if found else None

    def led_to(self, decision: str) -> list[str]:
        """Return the ids of later decisions whose label comes from this one, oldest first; those of its first week.

        It reads the evidence of all decisions of the team in that week.
        """
        own = next(iter(self._requests("d.id = :id", {"id": decision, "limit": 1})), None)
        if own is None:
            return []
        sql = (
            "SELECT d.id, d.at FROM {db}.decisions d JOIN {db}.explanations e ON e.decision = d.id"
            " WHERE d.team = :team AND d.at >= :since AND d.at < :to AND d.id <> :id AND e.evidence LIKE :named"
            " AND d.id NOT IN {elsewhere} ORDER BY d.at, d.id LIMIT :limit"
        )
        span = {"since": own["at"], "to": own["at"] + _WEEK_NS, "limit": MOST_LED_TO}
        found = self._seen.select(sql, {"id": decision, "team": own["team"], "named": f'%"{decision}"%', **span})
        return [row["id"] for row in sorted(found, key=lambda row: (row["at"], row["id"]))[:MOST_LED_TO]]

    def decisions(
        self, since_ns: int, limit: int, only: Mapping[str, str] | None = None, to_ns: int = EVER
    ) -> list[dict[str, Any]]:
        """Return the newest requests that arrived in ``[since, to)``, newest first.

        ``only``: dimension of the reports → the one name in it that counts; a target, if an attempt was sent there.
        """
        which = (
            "".join(_narrowed(name, value) for name, value in (only or {}).items()) + "d.at >= :since AND d.at < :to"
        )
        found = self._requests(which, {"since": since_ns, "to": to_ns, "limit": limit, **(only or {})})
        found.sort(key=lambda row: (row["at"], row["id"]), reverse=True)
        return rows_of(self._seen, found[:limit])

    def stored(self, decision: str) -> StoredDecision | None:
        """Return a decision with its facts, exactly as they were written; None if there is none of this id."""
        sql = (
            "SELECT d.policy, e.facts, e.outcome FROM {db}.decisions d JOIN {db}.explanations e ON e.decision = d.id"
            " WHERE d.id = :id AND d.id NOT IN {elsewhere}"
        )
        for row in self._seen.select(sql, {"id": decision}):
            return StoredDecision(row["policy"], orjson.loads(row["facts"]), row["outcome"].encode())
        return None

    def policy(self, policy: str) -> bytes | None:
        """Return the canonical bytes of a policy; None if it was never in force here."""
        found = self._seen.select("SELECT text FROM {db}.policies WHERE hash = :hash", {"hash": policy})
        return found[0]["text"].encode() if found else None

    def spent_by(self, since_ns: int) -> list[Spent]:
        """Return what each key has taken in each zone, of requests that arrived since a time."""
        return spent_by(self._seen, since_ns)

    def orphans(self) -> list[AttemptStarted]:
        """Return attempts without a settlement, oldest first; those that are still running are among them.

        Of a database that several edges write to, only those of this data directory.
        """
        sql = (
            "SELECT a.*, coalesce(d.instance, '') AS instance"
            " FROM {db}.unrolled u JOIN {db}.attempts a ON a.decision = u.decision"
            " LEFT JOIN {db}.settlements s ON s.attempt = a.id LEFT JOIN {db}.decisions d ON d.id = a.decision"
            " WHERE s.attempt IS NULL AND a.decision NOT IN {elsewhere}"
        )
        rows = [dict(row) for row in self._seen.select(sql)]
        own = [row for row in rows if self._seen.is_own(row.pop("instance"))]
        found = [AttemptStarted(**{**row, "zone": cast("Zone", row["zone"])}) for row in own]
        return sorted(found, key=lambda attempt: (attempt.at, attempt.id))

    def unfinished(self) -> list[dict[str, Any]]:
        """Return requests without an end, oldest first; those that are still running are among them."""
        found = [row for row in self._requests(_UNFINISHED, {"limit": EVER}) if self._seen.is_own(row["instance"])]
        return [details(self._seen, row) for row in reversed(found)]

    def cost_rows(self, from_ns: int, to_ns: int, by: Grouping, only: Mapping[str, str] | None = None) -> list[CostRow]:
        """Return the sums of requests that arrived in ``[from, to)``, by group, in the order of the names.

        ``only``: dimension → the one name in it that counts; then there are no times.
        """
        rows = report_sums.cost_rows(self._seen, from_ns, to_ns, by, only or {})
        return [rows[name] for name in sorted(rows)]

    def cost_groups(
        self, from_ns: int, to_ns: int, by: Sequence[Grouping], only: Mapping[str, str] | None = None
    ) -> dict[tuple[str, ...], CostRow]:
        """Return the same by several dimensions at once, without times."""
        found = report_sums.groups(self._seen, from_ns, to_ns, by, only or {})
        return {names: found[names] for names in sorted(found)}

    def each_group(
        self,
        span: tuple[int, int],
        by: Sequence[Grouping],
        measures: Sequence[str],
        only: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
        """Yield some measures of groups of requests that arrived in ``[from, to)``, one group at a time."""
        return report_sums.each_group(self._seen, *span, by, measures, only or {})

    def actions(self, since_ns: int, limit: int, *, actor: str = "", action: str = "") -> list[Action]:
        """Return who changed what since a time, newest first; ``actor``, ``action``: only this one's."""
        return actions(self._seen, since_ns, limit, actor=actor, action=action)

    def newest_policy(self) -> bytes | None:
        """Return the canonical bytes of the policy that came into force last; None if there was none."""
        return newest(self._seen)

    def measured(self, from_ns: int, to_ns: int) -> dict[tuple[str, int], Measured]:
        """Return what the servers of our own hardware counted, by target and the hour's start."""
        return measured(self._seen, from_ns, to_ns)

    def worked(self, from_ns: int, to_ns: int) -> list[WorkedHour]:
        """Return the hours of ``[from, to)`` in which local targets were measured or used, by target and time."""
        return worked(self._seen, from_ns, to_ns)

    def charged(self, from_ns: int, to_ns: int) -> list[Charged]:
        """Return the attempts that began in ``[from, to)``, at what they cost; see :mod:`.rerating`."""
        return charged(self._seen, from_ns, to_ns)

    def settled_by_hour(self, from_ns: int, to_ns: int, targets: Iterable[str]) -> dict[tuple[str, int], list[Charged]]:
        """Return the attempts at some targets that settled in ``[from, to)``, by target and the hour's start."""
        return settled_by_hour(self._seen, from_ns, to_ns, targets)

    def drawn(self, commitments: Sequence[Commitment], now_ns: int) -> list[DrawDown]:
        """Return how much of each commitment is used."""
        return drawn(self._seen, commitments, now_ns)

    def booked(self, from_ns: int, to_ns: int) -> list[dict[str, Any]]:
        """Return what calls to vendors that began in ``[from, to)`` are booked at, by day, target and model."""
        return [dict(row) for row in self._seen.rows("booked", {"from_ns": from_ns, "to_ns": to_ns})]

    def _requests(self, which: str, parameters: Mapping[str, Any]) -> list[Row]:
        return self._seen.rows("requests", parameters, which=which)


def _narrowed(dimension: str, value: str) -> str:
    """Return a condition on one dimension; its value is a parameter of that name."""
    assert dimension in DIMENSIONS
    if dimension != "target":
        return f"d.{dimension} = :{dimension} AND "
    attempts = "EXISTS (SELECT 1 FROM {db}.attempts t WHERE t.decision = d.id"
    return f"{attempts} AND t.target = :target) AND " if value else f"NOT {attempts}) AND "


class LedgerReader:
    """Opens views of one ledger: all answers of a view are of the same moment."""

    def __init__(self, data_dir: DataDir) -> None:
        self._data_dir = data_dir

    @contextmanager
    def view(self) -> Iterator[LedgerView]:
        """Open one consistent view.

        Raises:
            LedgerUnavailable: the database cannot be read, or is of another version.
        """
        with snapshot(self._data_dir) as seen:
            yield LedgerView(seen)
