"""One consistent sight of a ledger in PostgreSQL and of this host's unshipped spool."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.postgres import check
from gateway.stores.ledger.snapshot import LedgerSnapshot, complete, instances_of, scratch, take_spool
from gateway.stores.sql.postgres import PostgresDatabase
from gateway.stores.sql.sqlite import SqliteDatabase


@contextmanager
def snapshot(data_dir: DataDir) -> Iterator[LedgerSnapshot]:
    """Open a sight of the ledger, whose requests may be those of many edges.

    Raises:
        LedgerUnavailable: the server is away, or its schema is of another version.
    """
    with closing(scratch()) as connection, closing(PostgresDatabase(data_dir.ledger_url)) as server:
        spooled = SqliteDatabase(connection)
        check(server)
        damage = take_spool(spooled, data_dir, _positions(server, data_dir))
        with server.transaction():
            server.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", [{}])
            server.run('CREATE TEMPORARY TABLE touched (id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP', [{}])
            touched = [dict(row) for row in spooled.select("SELECT id FROM main.touched")]
            server.run("INSERT INTO touched (id) VALUES (:id)", touched)
            stored = server.without("(SELECT id FROM touched)")
            complete(spooled, stored)
            yield LedgerSnapshot(spooled, stored, damage=damage, own=instances_of(data_dir))


def _positions(server: PostgresDatabase, data_dir: DataDir) -> dict[str, int]:
    owner = data_dir.known_owner()
    if owner is None:
        return {}
    sql = 'SELECT segment, "offset" FROM spool_positions WHERE owner = :owner'
    return {row["segment"]: row["offset"] for row in server.select(sql, {"owner": owner})}
