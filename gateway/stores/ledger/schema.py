"""The ledger's tables and the way to the newest version of them: numbered SQL files, forward only."""

import re
import sqlite3
from functools import cache
from importlib import resources
from typing import Final

from gateway.domain.errors import LedgerUnavailable
from gateway.stores.sql.database import LedgerUnusable

_FILE: Final = re.compile(r"(\d{4})_ledger\.sql")
_VERSIONS: Final = (
    "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)"
)


class LedgerOutdated(LedgerUnavailable):
    """The ledger is of an older version; the process that writes it brings it up as it starts."""


@cache
def migrations() -> dict[int, str]:
    """Return the SQL that makes each version out of the one before it."""
    found = {}
    for file in resources.files("gateway.stores.ledger.migrations").iterdir():
        match = _FILE.fullmatch(file.name)
        if match is not None:
            found[int(match[1])] = file.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


@cache
def query(name: str) -> str:
    """Return the text of a query file."""
    return resources.files("gateway.stores.ledger.queries").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def migration(name: str) -> str:
    """Return the text of a migration file."""
    return resources.files("gateway.stores.ledger.migrations").joinpath(f"{name}.sql").read_text(encoding="utf-8")


def newest() -> int:
    """Return the version that this gateway writes."""
    return max(migrations())


def version_of(connection: sqlite3.Connection, schema: str = "main") -> int:
    """Return a database's version; 0 if it holds no ledger yet."""
    table = connection.execute(
        f"SELECT 1 FROM {schema}.sqlite_schema WHERE type = 'table' AND name = 'schema_version'"  # noqa: S608
    ).fetchone()
    if table is None:
        return 0
    found: int | None = connection.execute(f"SELECT max(version) FROM {schema}.schema_version").fetchone()[0]  # noqa: S608
    return found or 0


def refuse_newer(version: int) -> None:
    """Refuse a database that a newer gateway made.

    Raises:
        LedgerUnusable: it is newer.
    """
    if version > newest():
        raise LedgerUnusable(
            f"the ledger has schema version {version}, this gateway knows up to {newest()}: "
            "it was written by a newer gateway; use that one, or another data directory"
        )


def migrate(connection: sqlite3.Connection, now_ns: int) -> None:
    """Bring a database to the newest version in one transaction: a process that is killed half-way leaves it as it was.

    Raises:
        LedgerUnusable: the database is newer than this gateway.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read inside of the transaction: another process may have taken these steps meanwhile.
        refuse_newer(version_of(connection))
        connection.execute(_VERSIONS)
        for version, sql in migrations().items():
            if version > version_of(connection):
                for statement in _statements(sql):
                    connection.execute(statement)
                connection.execute("INSERT INTO schema_version VALUES (?, ?)", (version, now_ns))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _statements(sql: str) -> list[str]:
    """Split a file into statements; ``executescript`` would commit behind our back."""
    statements, begun = [], ""
    for line in sql.splitlines(keepends=True):
        begun += line
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return statements
