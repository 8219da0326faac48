"""Version 5: what stays of requests that were pruned."""

from gateway.stores.ledger.alembic.step import take

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    take("postgres_0005")
