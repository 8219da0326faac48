"""Version 1: all tables."""

from alembic import op

from gateway.stores.ledger_schema import query

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    for statement in query("postgres_0001").split(";\n"):
        if statement.strip():
            op.execute(statement)
