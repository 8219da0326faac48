"""Version 2: what a cost is made of, and sums by it."""

from alembic import op

from gateway.stores.ledger_schema import query

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, and have the sums made anew."""
    for statement in query("postgres_0002").split(";\n"):
        if statement.strip():
            op.execute(statement)
