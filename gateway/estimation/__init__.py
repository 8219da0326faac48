"""Before the call: how many tokens, what it may cost (for ranking) and at most (for the hold)."""
