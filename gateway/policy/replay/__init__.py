"""Past decisions: replay, explanation, backtest, migration."""
