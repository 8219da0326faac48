"""The hybrid routing gateway: one endpoint, a policy, a ledger."""
