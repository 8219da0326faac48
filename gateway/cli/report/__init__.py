"""``gateway report``: one file a report."""
