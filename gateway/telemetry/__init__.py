"""Metrics, logs and traces: all made from the records of a finished request, none on the request path."""
