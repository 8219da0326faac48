"""A consistent read view over the database and the unshipped spool, whatever the shipper does meanwhile.

Requests that the unshipped spool speaks of are put together whole in a scratch database of the reader's own; all others
are read where they lie. So each request is in exactly one of two databases of the same tables, and the same SQL runs on
both. The spool is read before the database's snapshot is taken: a record that is shipped in between then appears twice
and is deduplicated by its id.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from pathlib import Path
from typing import Any, Final

from gateway.domain.records import Record
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.rows import OWNERS
from gateway.stores.ledger.schema import migrate, query
from gateway.stores.ledger.sqlite import BUSY_S
from gateway.stores.ledger.writer import insert, request_of
from gateway.stores.spool.lines import INSTANCES
from gateway.stores.spool.reader import Damage, Reading, read, segments
from gateway.stores.sql.database import Database, Row

_BATCH: Final = 2000


class LedgerSnapshot:
    """Runs queries over both databases."""

    def __init__(
        self,
        scratch: Database,
        stored: Database | None,
        *,
        damage: Sequence[Damage],
        own: frozenset[str] | None = None,
    ) -> None:
        self.scratch = scratch
        """Requests that the unshipped spool speaks of."""
        self.stored = stored
        """All others; None if there is no database yet."""
        self.damage = tuple(damage)
        """Lines of the unshipped spool that cannot be read."""
        self._own = own

    def is_own(self, instance: str) -> bool:
        """Return whether an instance ran on this data directory; other instances are checked where they ran."""
        return self._own is None or instance in self._own

    def rows(self, name: str, parameters: Mapping[str, Any] | None = None, /, **parts: str) -> list[Row]:
        """Return the rows that a query file gives, of both databases.

        Args:
            name: the file.
            parameters: values for its parameters.
            **parts: values for its other braces; never a user's text.
        """
        return self.select(query(name), parameters, **parts)

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **parts: str) -> list[Row]:
        """Return the rows that a text of SQL gives, of both databases. Braces as in the query files."""
        for name, part in parts.items():
            sql = sql.replace("{" + name + "}", part)
        return [row for database in self._databases for row in database.select(sql, parameters)]

    def each(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Yield the rows of both databases one by one, in no order."""
        for database in self._databases:
            yield from database.stream(sql, parameters)

    def merged(self, sql: str, key: Callable[[Row], Any], parameters: Mapping[str, Any] | None = None) -> Iterator[Row]:
        """Yield the rows of both databases one by one in an order that each statement gives already."""
        return merge(*[database.stream(sql, parameters) for database in self._databases], key=key)

    @property
    def _databases(self) -> list[Database]:
        return [self.scratch] if self.stored is None else [self.stored, self.scratch]


def scratch() -> sqlite3.Connection:
    """Make a database of the reader's own, with the ledger's tables."""
    # The empty name: private, in memory, and on disk only if the backlog grows large.
    connection = sqlite3.connect("", timeout=BUSY_S, isolation_level=None, check_same_thread=False, uri=True)
    connection.row_factory = sqlite3.Row
    # With a journal, as what a batch has done is taken back if it has something that is there already.
    for pragma in ("journal_mode = MEMORY", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    migrate(connection, 0)
    connection.execute("CREATE TABLE touched (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    return connection


def take_spool(spooled: Database, data_dir: DataDir, positions: Mapping[str, int]) -> list[Damage]:
    """Read the unshipped spool into the scratch database, in batches: after an outage it may be long."""
    damage: list[Damage] = []
    with spooled.transaction():
        for segment in segments(data_dir.spool):
            try:
                for reading in _readings(segment, positions.get(segment.name, 0)):
                    damage.extend(reading.damage)
                    _insert(spooled, reading.records)
            except FileNotFoundError:
                continue  # Shipped and removed since: the database has it.
    return damage


def _readings(segment: Path, offset: int) -> Iterator[Reading]:
    while (reading := read(segment, offset, _BATCH)).offset > offset:
        yield reading
        offset = reading.offset


def _insert(spooled: Database, records: Sequence[Record]) -> None:
    touched = {request_of(record) for record in records} - {""}
    for table, column in (("touched", "id"), ("unrolled", "decision")):
        sql = f"INSERT OR IGNORE INTO main.{table} ({column}) VALUES (:id)"  # noqa: S608 -- names are ours
        spooled.run(sql, [{"id": one} for one in touched])
    insert(spooled, records)  # the shipper will report what no table can take


def complete(spooled: Database, stored: Database) -> None:
    """Add what the database has of the requests that the spool speaks of. It was there first, so it counts."""
    for table, owner in OWNERS.items():
        rows = stored.select(f"SELECT * FROM {{db}}.{table} WHERE {owner} IN {{touched}}")  # noqa: S608 -- names are ours
        if rows:
            names = list(dict(rows[0]))
            values = ", ".join(":" + name for name in names)
            spooled.run(
                f"INSERT OR REPLACE INTO main.{table} ({', '.join(names)}) VALUES ({values})",  # noqa: S608
                [dict(row) for row in rows],
            )


def instances_of(data_dir: DataDir) -> frozenset[str]:
    """Return the instances of the gateway that ever wrote to this data directory's spool."""
    try:
        return frozenset(data_dir.spool.with_name(INSTANCES).read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()
