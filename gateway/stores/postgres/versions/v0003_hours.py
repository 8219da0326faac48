"""Version 3: what calls took of our own hardware, by hour; what contracts took off list prices."""

from alembic import op

from gateway.stores.ledger_schema import query

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table and the columns, and have the sums made anew."""
    for statement in query("postgres_0003").split(";\n"):
        if statement.strip():
            op.execute(statement)
