"""Token counts without a tokenizer: an estimate for ranking. The bound for holds is the byte count itself."""

from typing import Final

from gateway.domain.money import ceil_div

BYTES_PER_TOKEN: Final = 4
"""English prose and code have 3.5 to 4.5 bytes a token with today's vocabularies; ranking needs no more."""


def estimate_tokens(text_bytes: int) -> int:
    """Estimate the tokens of a text of so many UTF-8 bytes; never more than one token a byte."""
    return ceil_div(max(text_bytes, 0), BYTES_PER_TOKEN)
