"""Tier 2 of the detectors: CredSweeper in its own process, called only before a request is sent to a vendor."""
