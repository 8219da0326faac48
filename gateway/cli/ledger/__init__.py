"""``gateway ledger``: one file a command."""
