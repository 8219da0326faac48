"""The request path, one verb per file: authenticate, label, gather, decide, book, dispatch, relay, settle."""
