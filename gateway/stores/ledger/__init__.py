"""The ledger: writing, reading, sums."""
