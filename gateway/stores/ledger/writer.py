"""The ledger's one writer: takes each record once, in the order of the spool, whatever happens in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from gateway.domain.records import Action, DecisionMade, Finished, GpuSample, PolicyLoaded, Record
from gateway.estimation.room import Held
from gateway.stores.ledger import rollup_tables
from gateway.stores.ledger.prune import Order, Pruned, prune, remaining
from gateway.stores.ledger.rows import rows_of
from gateway.stores.ledger.size import held
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


@dataclass(frozen=True, slots=True)
class Position:
    """How far a segment is read, and whether something of it could not be."""

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
        with self._database.transaction():
            before = rollup_tables.rolled(self._database, {request_of(record) for record in records} - {""})
            stored = self._insert(records)
            changed = {request_of(record) for record in stored.new} - {""}
            if changed:
                rollup_tables.roll(self._database, changed, before)
            if segment:
                self._keep(segment, offset, damaged=damaged or bool(stored.refused))
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

    def _insert(self, records: Sequence[Record]) -> Stored:
        return insert(self._database, records)

    def _keep(self, segment: str, offset: int, *, damaged: bool) -> None:
        row: dict[str, Any] = {"owner": self._owner, "segment": segment, "offset": offset, "damaged": int(damaged)}
        self._database.run(_KEEP_POSITION, [row])


def insert(database: Database, records: Sequence[Record]) -> Stored:
    """Insert records by their ids, inside of the caller's transaction."""
    try:
        return _at_once(database, records)
    except (Unstorable, *ROW_ERRORS):
        new, refused = [], []
        for record in records:
            try:
                new += _at_once(database, [record]).new
            except (Unstorable, *ROW_ERRORS):
                refused.append(record)
        return Stored(new, refused)


def request_of(record: Record) -> str:
    """Return the request that a record belongs to; empty if it belongs to none."""
    if isinstance(record, PolicyLoaded | GpuSample | Action):
        return ""
    return record.id if isinstance(record, DecisionMade | Finished) else record.decision


def _at_once(database: Database, records: Sequence[Record]) -> Stored:
    """Insert table by table; a record is new if a row of it was.

    Raises:
        Unstorable: one of them cannot be stored; what was inserted before it is taken back by the database.
    """
    tables: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, record in enumerate(records):
        for table, row in rows_of(record):
            tables.setdefault(table, []).append((number, row))
    fresh: set[int] = set()
    with database.savepoint():
        for table, numbered in tables.items():
            inserted = database.insert(table, [row for _, row in numbered])
            fresh.update(number for (number, _), is_new in zip(numbered, inserted, strict=True) if is_new)
    return Stored([record for number, record in enumerate(records) if number in fresh], [])
