"""Adapters to disk and databases, behind the ports; nothing else opens a file of the data directory."""
