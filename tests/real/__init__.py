"""Measurements on material that nobody here wrote, fetched by package name: ``make test-real``."""
