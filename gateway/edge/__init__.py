"""HTTP in and out of the data plane. It makes no decision and holds no vendor key."""
