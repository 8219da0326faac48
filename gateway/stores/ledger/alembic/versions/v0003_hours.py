"""Version 3: what calls took of our own hardware, by hour; what contracts took off list prices."""

from gateway.stores.ledger.alembic.step import take

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table and the columns, and have the sums rebuilt."""
    take("postgres_0003")
