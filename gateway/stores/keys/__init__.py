"""API keys: SQLite, PostgreSQL, a read-only file."""
