"""Prices: where a rate comes from and what a call cost. Integer nano-dollars, rounded once."""
