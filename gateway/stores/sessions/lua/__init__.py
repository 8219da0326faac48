"""Scripts that Redis runs, one an operation on labels of conversations."""
