"""One dialect's requests, answers and streams as another's: readers and writers around one form (ADR 24). No I/O."""
