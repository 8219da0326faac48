"""One step of the schema, out of its SQL file: alembic's versions do nothing else."""

from alembic import op

from gateway.stores.ledger.schema import migration


def take(name: str) -> None:
    """Run the statements of a file, inside of the migration's transaction."""
    for statement in migration(name).split(";\n"):
        if statement.strip():
            op.execute(statement)
