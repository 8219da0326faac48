"""What is valid and yet most likely a mistake: names that nothing defines, shares over 100 %, what has ended."""
