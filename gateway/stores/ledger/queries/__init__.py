"""Named SQL queries of the ledger."""
