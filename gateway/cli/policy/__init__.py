"""``gateway policy``: one file a command."""
