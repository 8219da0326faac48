"""The scripts that Redis runs, one an operation; each names its keys and their types."""
