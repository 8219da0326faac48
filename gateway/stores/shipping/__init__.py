"""From the spool into the ledger: the shipper, and recovery after a crash."""
