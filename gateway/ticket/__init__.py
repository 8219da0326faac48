"""Tickets: the edge's signed, single-use, short-lived leave to send one body to one closed target."""
