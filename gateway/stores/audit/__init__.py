"""Audits of ledger, adjustments and chains, and the proof of egress."""
