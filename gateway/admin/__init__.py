"""The admin plane: metrics, decisions, reports, policy and teams for operators, served by the ledger child."""
