"""The ledger's one writer: takes each record once, in the order of the spool, whatever happens in between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import Any, Final, Protocol, Self

from gateway.domain.records import (
    Action,
    Adjustment,
    AttemptStarted,
    DecisionMade,
    Finished,
    GpuSample,
    PolicyLoaded,
    Receipt,
    Record,
    Settled,
)
from gateway.estimation.room import Held
from gateway.stores.ledger import rollup_tables
from gateway.stores.ledger.prune import Order, Pruned, prune, remaining
from gateway.stores.ledger.rows import COLUMNS, Values, rows_of
from gateway.stores.ledger.size import held
from gateway.stores.ledger.whole import Tables, whole_requests
from gateway.stores.sql.database import ROW_ERRORS, Database, Unstorable

_KEEP_POSITION: Final = """
INSERT INTO spool_positions (owner, segment, "offset", damaged) VALUES (:owner, :segment, :offset, :damaged)
ON CONFLICT (owner, segment) DO UPDATE SET
  "offset" = CASE WHEN excluded."offset" > spool_positions."offset"
    THEN excluded."offset" ELSE spool_positions."offset" END,
  damaged = CASE WHEN excluded.damaged > spool_positions.damaged THEN excluded.damaged ELSE spool_positions.damaged END
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch did: records that were new, in order, and those that no table can take."""

    new: list[Record]
    refused: list[Record]
    rows: Tables
    """The rows that were new."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a segment is read, and whether something of it could not be."""

    offset: int = 0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Portion:
    """Records of one segment, and how far it is read with them."""

    records: Sequence[Record]
    segment: str = ""
    """Empty: they come from no spool."""
    offset: int = 0
    damaged: bool = False


class Maintenance(Protocol):
    """What a database needs a few times a day."""

    def look_ahead(self, now_ns: int) -> None:
        """Make room for the months to come.

        Raises:
            LedgerUnavailable: it cannot be done now.
        """


class Ledger:
    """Writes through one connection. ``owner`` names the spool whose positions it keeps: a database may serve many."""

    def __init__(self, database: Database, owner: str = "", maintenance: Maintenance | None = None) -> None:
        self._database = database
        self.maintenance = maintenance
        """None: this database needs none."""
        self._owner = owner
        self._caught_up: str | None = ""

    def store(self, records: Sequence[Record], segment: str = "", offset: int = 0, *, damaged: bool = False) -> Stored:
        """Insert a batch, keep the sums, and note how far its segment is read, all or nothing. Twice is once.

        Raises:
            LedgerUnavailable: the database is full, away or failed; nothing of the batch was taken.
        """
        return self.store_all([Portion(records, segment, offset, damaged)])

    def store_all(self, portions: Sequence[Portion]) -> Stored:
        """Do the same for records of several segments, in one transaction.

        Raises:
            LedgerUnavailable: the database is full, away or failed; nothing of them was taken.
        """
        records = [record for portion in portions for record in portion.records]
        touched = {request_of(record) for record in records} - {""}
        with self._database.transaction():
            known = rollup_tables.known(self._database, touched)
            before = rollup_tables.rolled(self._database, known)
            stored = insert(self._database, records)
            whole = whole_requests(stored.rows, known)
            all_new = len(stored.new) == len(records)
            changed = touched if all_new else {request_of(record) for record in stored.new} - {""}
            if changed:
                rollup_tables.roll(self._database, changed - {request["id"] for request, _ in whole}, before, whole)
            self._keep(portions, stored.refused)
        return stored

    def catch_up(self) -> bool:
        """Put some of the requests into the sums that came before there were any; return whether there may be more."""
        if self._caught_up is None:
            return False
        with self._database.transaction():
            self._caught_up = rollup_tables.catch_up(self._database, self._caught_up) or None
        return self._caught_up is not None

    def positions(self) -> dict[str, Position]:
        """Return how far each segment is read."""
        sql = 'SELECT segment, "offset", damaged FROM {db}.spool_positions WHERE owner = :owner'
        found = self._database.select(sql, {"owner": self._owner})
        return {row["segment"]: Position(row["offset"], bool(row["damaged"])) for row in found}

    def forget(self, segment: str) -> None:
        """Remove the position of a segment that is gone."""
        sql = "DELETE FROM spool_positions WHERE owner = :owner AND segment = :segment"
        with self._database.transaction():
            self._database.run(sql, [{"owner": self._owner, "segment": segment}])

    def prune(self, order: Order, progress: Callable[[Pruned], None]) -> Pruned:
        """Remove old requests and keep their sums and proofs; ``progress`` gets the sum after each batch.

        Raises:
            LedgerUnavailable: the database cannot be used; the batches before it are done.
        """
        return prune(self._database, order, progress)

    def held(self, now_ns: int) -> tuple[Held, int]:
        """Return what the ledger holds and how fast it grows, and how many bytes inside of its database are free.

        Raises:
            LedgerUnavailable: the database cannot be used.
        """
        return held(self._database, now_ns)

    def remaining(self, before_ns: int) -> int:
        """Return how many requests of before a moment the ledger has."""
        return remaining(self._database, before_ns)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        """Hand out the open ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _keep(self, portions: Sequence[Portion], refused: Sequence[Record]) -> None:
        rows: list[dict[str, Any]] = [
            {
                "owner": self._owner,
                "segment": portion.segment,
                "offset": portion.offset,
                "damaged": int(portion.damaged or holds(portion, refused)),
            }
            for portion in portions
            if portion.segment
        ]
        self._database.run(_KEEP_POSITION, rows)


def holds(portion: Portion, records: Sequence[Record]) -> bool:
    """Return whether one of some records is a portion's."""
    wanted = {id(record) for record in records}
    return bool(wanted) and any(id(record) in wanted for record in portion.records)


def insert(database: Database, records: Sequence[Record]) -> Stored:
    """Insert records by their ids, inside of the caller's transaction."""
    try:
        return _at_once(database, records)
    except (Unstorable, *ROW_ERRORS):
        return _one_by_one(database, records)


def _one_by_one(database: Database, records: Sequence[Record]) -> Stored:
    new: list[Record] = []
    refused: list[Record] = []
    rows: dict[str, list[Values]] = {}
    for record in records:
        try:
            stored = _at_once(database, [record])
        except (Unstorable, *ROW_ERRORS):
            refused.append(record)
            continue
        new += stored.new
        for table, own in stored.rows.items():
            rows.setdefault(table, []).extend(own)
    return Stored(new, refused, rows)


_request: Final[Mapping[type[Record], Callable[[Any], str]]] = {
    **dict.fromkeys((DecisionMade, Finished), attrgetter("id")),
    **dict.fromkeys((AttemptStarted, Settled, Receipt, Adjustment), attrgetter("decision")),
    **dict.fromkeys((PolicyLoaded, GpuSample, Action), lambda _: ""),
}


def request_of(record: Record) -> str:
    """Return the request that a record belongs to; empty if it belongs to none."""
    return _request[type(record)](record)


def _at_once(database: Database, records: Sequence[Record]) -> Stored:
    """Insert table by table; a record is new if a row of it was.

    Raises:
        Unstorable: one of them cannot be stored; what was inserted before it is taken back by the database.
    """
    rows: dict[str, list[Values]] = {}
    for record in records:
        for table, row in rows_of(record):
            rows.setdefault(table, []).append(row)
    with database.savepoint():
        inserted = {table: database.insert(table, COLUMNS[table], own) for table, own in rows.items()}
    if all(map(all, inserted.values())):
        return Stored(list(records), [], rows)
    left = {table: iter(ones) for table, ones in inserted.items()}
    new = []
    for record in records:
        own = [next(left[table]) for table, _ in rows_of(record)]
        if any(own):
            new.append(record)
    return Stored(new, [], {table: list(compress(own, inserted[table])) for table, own in rows.items()})
