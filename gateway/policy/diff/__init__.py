"""Compares two policies: what may be sent, what no longer may, where requests are sent, what they cost."""
