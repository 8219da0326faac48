"""Facts in, decision out."""
