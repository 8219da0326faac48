"""Schema steps of the ledger: numbered SQL files."""
