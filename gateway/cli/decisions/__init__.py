"""``gateway decisions``: the commands and how a decision is printed."""
