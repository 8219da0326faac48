"""Connections to SQLite and PostgreSQL behind one protocol."""
