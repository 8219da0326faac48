"""Version 2: what a cost is made of, and sums by it."""

from gateway.stores.ledger.alembic.step import take

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns, and have the sums rebuilt."""
    take("postgres_0002")
