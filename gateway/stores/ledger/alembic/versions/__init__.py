"""One module a version of the schema, forward only."""
