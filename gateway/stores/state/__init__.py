"""Holds, budgets, rate limits, breakers: in process and in Redis."""
