"""What finance and team leads are shown: pure functions from the ledger's sums to tables, files and a page."""
