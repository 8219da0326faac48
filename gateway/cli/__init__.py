"""Commands: one file a group; each gathers arguments, calls inward and prints."""
