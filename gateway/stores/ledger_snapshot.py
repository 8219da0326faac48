"""One consistent sight of the ledger: database and unshipped spool, whatever the shipper does meanwhile.

Requests that the unshipped spool speaks of are put together whole in a scratch database of the reader's own; all others
are read where they lie. So each request is in exactly one of two databases of the same tables, and the same SQL runs on
both. The spool is read before the database's snapshot is taken: what is shipped in between is then seen twice, and told
by its id, instead of not at all.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from heapq import merge
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from gateway.domain.costs import bucket_of
from gateway.domain.records import DecisionMade, Finished, GpuSample, PolicyLoaded, Record
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger_rows import UNSTORABLE, insert
from gateway.stores.ledger_schema import LedgerOutdated, migrate, newest, query, refuse_newer, version_of
from gateway.stores.ledger_sqlite import BUSY_S, told
from gateway.stores.spool_reader import Damage, Reading, read, segments

Mode = Literal["ro", "rw"]

_OWNERS: Final = {
    "decisions": "id",
    "explanations": "decision",
    "attempts": "decision",
    "settlements": "decision",
    "finished": "decision",
    "receipts": "decision",
    "adjustments": "decision",
}
"""Table → the column that names its request."""
_BATCH: Final = 2000


class Spread:
    """SQL aggregate: how many values fall into each bucket, as JSON. One pass, and it can be added up."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def step(self, value: int | None) -> None:
        """Count a value."""
        if value is not None:
            bucket = bucket_of(value)
            self._counts[bucket] = self._counts.get(bucket, 0) + 1

    def finalize(self) -> bytes:
        """Return the counts."""
        return orjson.dumps(self._counts, option=orjson.OPT_NON_STR_KEYS)


class Snapshot:
    """Runs queries over both databases."""

    def __init__(self, connection: sqlite3.Connection, *, on_disk: bool, damage: Sequence[Damage]) -> None:
        self._connection = connection
        self.on_disk = on_disk
        self.damage = tuple(damage)
        """Lines of the unshipped spool that cannot be read."""

    def rows(self, name: str, parameters: Mapping[str, Any] | None = None, /, **parts: str) -> list[sqlite3.Row]:
        """Return the rows that a query file gives, of both databases.

        Args:
            name: the file.
            parameters: values for its parameters.
            **parts: what stands for its other braces; never a user's text.
        """
        return self.select(query(name), parameters, **parts)

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None, /, **parts: str) -> list[sqlite3.Row]:
        """Return the rows that a text of SQL gives, of both databases. Braces as in the query files."""
        found: list[sqlite3.Row] = []
        for text in self.statements(sql, **parts):
            found.extend(self._connection.execute(text, parameters or {}))
        return found

    def merged(
        self, sql: str, key: Callable[[sqlite3.Row], Any], parameters: Mapping[str, Any] | None = None
    ) -> Iterator[sqlite3.Row]:
        """Yield the rows of both databases one by one in an order that each statement gives already."""
        return merge(*[self._connection.execute(text, parameters or {}) for text in self.statements(sql)], key=key)

    def statements(self, sql: str, **parts: str) -> list[str]:
        """Return the statements that :meth:`select` would run."""
        for name, part in parts.items():
            sql = sql.replace("{" + name + "}", part)
        texts = []
        if self.on_disk:
            texts.append(sql.replace("{db}", "disk").replace("{elsewhere}", "(SELECT id FROM main.touched)"))
        texts.append(sql.replace("{db}", "main").replace("{elsewhere}", "(SELECT id FROM main.untouched)"))
        return texts


@contextmanager
def snapshot(data_dir: DataDir) -> Iterator[Snapshot]:
    """Open a sight of the ledger; the database need not exist.

    Raises:
        LedgerUnavailable: the database cannot be read, or is of another version.
    """
    with told(), ExitStack() as stack:
        try:
            seen = stack.enter_context(_opened(data_dir, "ro"))
        except sqlite3.OperationalError as error:
            # A writer that was killed leaves a journal, or an index of its log, that only a writer may put in order.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                raise
            seen = stack.enter_context(_opened(data_dir, "rw"))
        yield seen


@contextmanager
def _opened(data_dir: DataDir, mode: Mode) -> Iterator[Snapshot]:
    with closing(_scratch()) as connection:
        damage = _take_spool(connection, data_dir, mode)
        on_disk = _attach(connection, data_dir.ledger, mode)
        if on_disk:
            _complete(connection)
        yield Snapshot(connection, on_disk=on_disk, damage=damage)


def _scratch() -> sqlite3.Connection:
    # The empty name: private, in memory, and on disk only if the backlog grows large.
    connection = sqlite3.connect("", timeout=BUSY_S, isolation_level=None, check_same_thread=False, uri=True)
    connection.row_factory = sqlite3.Row
    connection.create_aggregate("spread", 1, Spread)  # type: ignore[arg-type]  # typeshed wants an int back
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        connection.execute(f"PRAGMA {pragma}")
    migrate(connection, 0)
    for table in ("touched", "untouched"):
        connection.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID")
    return connection


def _take_spool(connection: sqlite3.Connection, data_dir: DataDir, mode: Mode) -> list[Damage]:
    """Read the unshipped spool into the scratch database, in batches: after an outage it may be long."""
    positions = _positions(data_dir.ledger, mode)
    damage: list[Damage] = []
    connection.execute("BEGIN")
    for segment in segments(data_dir.spool):
        try:
            for reading in _readings(segment, positions.get(segment.name, 0)):
                damage.extend(reading.damage)
                _insert(connection, reading.records)
        except FileNotFoundError:
            continue  # Shipped and removed since: the database has it.
    connection.execute("COMMIT")
    return damage


def _readings(segment: Path, offset: int) -> Iterator[Reading]:
    while (reading := read(segment, offset, _BATCH)).offset > offset:
        yield reading
        offset = reading.offset


def _insert(connection: sqlite3.Connection, records: Sequence[Record]) -> None:
    touched = {_request_of(record) for record in records} - {""}
    connection.executemany("INSERT OR IGNORE INTO main.touched VALUES (?)", [(one,) for one in touched])
    for record in records:
        # What no table can take, the shipper tells of when its turn comes.
        with suppress(*UNSTORABLE):
            insert(connection, record)


def _positions(path: Path, mode: Mode) -> dict[str, int]:
    if not path.exists():
        return {}
    with closing(sqlite3.connect(_uri(path, mode), timeout=BUSY_S, isolation_level=None, uri=True)) as connection:
        if version_of(connection) == 0:
            return {}
        return dict(connection.execute("SELECT segment, offset FROM spool_positions"))


def _attach(connection: sqlite3.Connection, path: Path, mode: Mode) -> bool:
    """Attach the database, if there is one, and begin the one transaction in which all is read."""
    there = path.exists()
    if there:
        connection.execute("ATTACH ? AS disk", (_uri(path, mode),))
    connection.execute("BEGIN")
    # The first read, not the BEGIN, fixes the moment.
    version = version_of(connection, "disk") if there else 0
    refuse_newer(version)
    if 0 < version < newest():
        raise LedgerOutdated(
            f"the ledger has schema version {version}, this gateway reads {newest()}: "
            "start the gateway once, and it is brought up"
        )
    return version > 0


def _uri(path: Path, mode: Mode) -> str:
    return f"{path.resolve().as_uri()}?mode={mode}"


def _complete(connection: sqlite3.Connection) -> None:
    """Add what the database has of the requests that the spool speaks of. It was there first, so it counts."""
    for table, owner in _OWNERS.items():
        connection.execute(
            f"INSERT OR REPLACE INTO main.{table} SELECT * FROM disk.{table}"  # noqa: S608 -- names are ours
            f" WHERE {owner} IN (SELECT id FROM main.touched)"
        )


def _request_of(record: Record) -> str:
    if isinstance(record, PolicyLoaded | GpuSample):
        return ""
    return record.id if isinstance(record, DecisionMade | Finished) else record.decision
