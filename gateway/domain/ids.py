"""Ids that sort by time: 48 bits of milliseconds and 80 random bits, in Crockford's base 32 (the ULID layout)."""

from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]
_SHIFTS: Final = range(120, -1, -10)
RANDOM_BYTES: Final = 10


def new_id(prefix: str, at_ms: int, randomness: bytes) -> str:
    """Return ``prefix_`` and 26 characters; time and the 10 random bytes are arguments."""
    value = (at_ms & (1 << 48) - 1) << 80 | int.from_bytes(randomness[:RANDOM_BYTES], "big")
    return prefix + "_" + "".join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])
