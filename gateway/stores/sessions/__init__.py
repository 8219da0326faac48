"""Labels of conversations: in process and in Redis."""
