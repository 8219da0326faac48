"""``gateway sensitivity``: one file a command."""
