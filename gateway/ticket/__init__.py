"""Tickets: the edge's signed, single-use, short-lived permission to send one body to one closed target."""
