"""Identity, tax and social numbers by country: how they are written, and what they are called there."""
