"""Readers in processes of their own: CredSweeper (tier 2), called before a request is sent to a vendor, and PDFs."""
