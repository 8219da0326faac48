"""The words that every part of the gateway shares: pure values, no behaviour beyond their own invariants."""
