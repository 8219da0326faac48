"""Tier 2 of the detectors: CredSweeper in a process of its own, asked only before something leaves."""
