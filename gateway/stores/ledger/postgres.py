"""The ledger in PostgreSQL, for edges that are more than one: migrated as a whole or not at all, cut by month."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway.domain.errors import LedgerUnavailable
from gateway.domain.ids import RANDOM_BYTES, new_id
from gateway.domain.records import Record
from gateway.stores.ledger.schema import LedgerOutdated
from gateway.stores.ledger.writer import Ledger, insert
from gateway.stores.sql.database import LedgerUnusable
from gateway.stores.sql.postgres import SCHEMA, PostgresDatabase

_LOCK: Final = 0x6761_7465_7761_79
"""Key of the advisory lock under which one process at a time migrates: "gateway" in ASCII."""
_PREFIXES: Final = {
    "decisions": "dec",
    "explanations": "dec",
    "attempts": "att",
    "settlements": "att",
    "finished": "dec",
    "receipts": "tkt",
}
"""Table cut by month → what its ids begin with."""
_MONTHS_AHEAD: Final = 2


class Months:
    """The partitions of a database, one a table and month."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database

    def look_ahead(self, now_ns: int) -> None:
        """Make the partitions of the months to come; call it once a day or so.

        Raises:
            LedgerUnavailable: it cannot be done now; rows go to the rest until then.
        """
        with self._database.transaction():
            ensure_partitions(self._database.connection, now_ns)


class PostgresLedger(Ledger):
    """The writer of one edge's spool; many may write at once."""

    def __init__(self, url: str, owner: str, now_ns: int) -> None:
        """Bring the schema to the newest version, and make the partitions of the months around now.

        Raises:
            LedgerUnavailable: the server is away, a migration failed, or a newer gateway was here.
        """
        migrate(url)
        database = PostgresDatabase(url)
        months = Months(database)
        super().__init__(database, owner, months)
        try:
            months.look_ahead(now_ns)
        except LedgerUnavailable:
            self.close()
            raise


def migrate(url: str) -> None:
    """Bring the schema to the newest version: one process at a time, in one transaction.

    Raises:
        LedgerUnavailable: the server is away, a step failed and nothing was changed, or a newer gateway was here.
    """
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: _plain(url), poolclass=sqlalchemy.NullPool
    )
    try:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            connection.execute(sqlalchemy.text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            refuse_newer(_version(connection))
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except sqlalchemy.exc.SQLAlchemyError as error:
        detail = str(getattr(error, "orig", error)).partition("\n")[0]
        raise LedgerUnavailable(f"the ledger's schema cannot be upgraded; nothing was changed: {detail}") from error


def write(url: str, records: Sequence[Record]) -> None:
    """Write records that come from no spool, each once.

    Raises:
        LedgerUnavailable: the server is away, a newer gateway was here, or no table takes one of them.
    """
    migrate(url)
    with closing(PostgresDatabase(url)) as database, database.transaction():
        if insert(database, records).refused:
            raise LedgerUnavailable("the ledger's tables do not take this record")


def ensure_partitions(connection: psycopg.Connection[dict[str, object]], now_ns: int) -> None:
    """Make the partitions of the last, the running and the next months that are missing; inside of a transaction."""
    # IF NOT EXISTS alone does not help those who make a table at the same time: all but one of them fail.
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    now = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    months = [_month(now.year, now.month + step) for step in range(-1, _MONTHS_AHEAD + 1)]
    for table, prefix in _PREFIXES.items():
        for first in months:
            name = f"{table}_{first:%Y_%m}"
            start, end = _bound(prefix, first), _bound(prefix, _month(first.year, first.month + 1))
            try:
                with connection.transaction():
                    connection.execute(
                        psycopg.sql.SQL(
                            "CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})"
                        ).format(*map(psycopg.sql.Identifier, (name, table)), start, end)
                    )
            except psycopg.errors.CheckViolation:
                continue  # rows of this month came first, and lie in the rest: they are found there


def newest() -> str:
    """Return the version that this gateway writes."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def check(database: PostgresDatabase) -> None:
    """Refuse a schema that this gateway cannot read.

    Raises:
        LedgerOutdated: it is older, or there is none yet: the process that writes brings it up.
        LedgerUnavailable: it is newer.
    """
    there = database.select("SELECT to_regclass(:name) AS name", {"name": f"{SCHEMA}.alembic_version"})[0]["name"]
    found = database.select("SELECT version_num FROM alembic_version") if there else []
    version = str(found[0]["version_num"]) if found else ""
    refuse_newer(version)
    if version != newest():
        raise LedgerOutdated("the ledger has an older schema: start the gateway once to upgrade it")


def refuse_newer(version: str) -> None:
    """Refuse a schema that a newer gateway made.

    Raises:
        LedgerUnusable: it is newer.
    """
    if version > newest():
        raise LedgerUnusable(
            f"the ledger has schema version {version}, this gateway knows up to {newest()}: it was written by a newer "
            "gateway; use that one, or another database"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "gateway.stores.ledger:alembic")
    return config


def _plain(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url, connect_timeout=5, options=f"-c search_path={SCHEMA} -c lock_timeout=60000")


def _version(connection: sqlalchemy.Connection) -> str:
    if connection.execute(sqlalchemy.text(f"SELECT to_regclass('{SCHEMA}.alembic_version')")).scalar() is None:
        return ""
    return str(connection.execute(sqlalchemy.text("SELECT max(version_num) FROM alembic_version")).scalar() or "")


def _month(year: int, month: int) -> datetime:
    """Return the first moment of a month; months may be less than 1 or more than 12."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def _bound(prefix: str, first: datetime) -> str:
    return new_id(prefix, int(first.timestamp() * 1000), bytes(RANDOM_BYTES))
