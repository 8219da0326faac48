"""The demo: a whole gateway with sandbox upstreams, traffic of four teams, and what came of it."""
