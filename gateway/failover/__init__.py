"""What to do after an attempt failed: pure, with time and outcomes as arguments."""
