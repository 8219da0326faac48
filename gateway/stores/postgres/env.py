"""Runs inside of Alembic: takes the open connection that `gateway.stores.ledger_postgres` hands over."""

from alembic import context

from gateway.stores.database_postgres import SCHEMA

context.configure(connection=context.config.attributes["connection"], version_table_schema=SCHEMA)
context.run_migrations()
