"""The way of a request, one verb a file: authenticate, label, gather, decide, book, dispatch, relay, settle."""
