"""How much one scan looks at. Each limit is a count, so that the same text has the same label on every machine."""

from typing import Final

EVIDENCE: Final = 32
"""The most findings that a scan reports."""
DEEPEST: Final = 3
"""Encodings inside of each other that are undone; what is deeper cannot be read."""
FEWEST_TRIES: Final = 4000
BYTES_A_TRY: Final = 30
"""A text may give cause to look closer this often, or once in so many bytes; one that does so more often is a load."""
FEWEST_STEPS: Final = 60_000
BYTES_A_STEP: Final = 12
"""Looking closer may take so many steps, and one more for so many bytes."""
FEWEST_OPENED: Final = 2000
BYTES_AN_OPENED: Final = 400
"""So many encoded pieces are opened, those inside of others included, or one in so many bytes of what was sent."""
