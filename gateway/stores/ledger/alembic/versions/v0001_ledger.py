"""Version 1: all tables."""

from gateway.stores.ledger.alembic.step import take

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    take("postgres_0001")
