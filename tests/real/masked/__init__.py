"""What masking costs those who work through it, on real files: ``make test-real-masking``."""
