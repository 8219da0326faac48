"""Runs inside of Alembic: takes the open connection that `gateway.stores.ledger.postgres` hands over."""

from alembic import context

from gateway.stores.sql.postgres import SCHEMA

if getattr(context, "config", None) is not None:  # outside of a migration there is nothing to do
    context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
    context.run_migrations()
