"""What changes between two policies: what may leave, what is kept, where things go, what they cost."""
