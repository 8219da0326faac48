"""Metrics, logs and traces: all of them made of the records of a finished request, none on the way of its bytes."""
