"""Alembic's environment for the ledger in PostgreSQL; SQLite has numbered files of its own."""
