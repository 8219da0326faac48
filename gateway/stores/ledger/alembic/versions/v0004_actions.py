"""Version 4: who changed what by hand; tokens of the admin plane."""

from gateway.stores.ledger.alembic.step import take

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables."""
    take("postgres_0004")
