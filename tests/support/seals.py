"""Sealed blobs in the forms of vendors, of random bytes."""

import base64
import random


def length(size):
    return bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80]) + length(size >> 7)


def field(number, value):
    return bytes([number << 3 | 2]) + length(len(value)) + value


def signature(*, head=b"\x08\x01\x18\x02", nonce=None, cipher=None, more=b"", rng=None):
    """One in the form of Anthropic's: in public examples of 2025 it is 2{1{head} 2{12 bytes} 3{…} 4{…} 5{…}}."""
    rng = rng or random.Random(1)
    nonce = rng.randbytes(12) if nonce is None else nonce
    cipher = rng.randbytes(300) if cipher is None else cipher
    inner = field(1, head + field(4, rng.randbytes(64))) + field(2, nonce) + field(5, cipher) + more
    return base64.b64encode(field(2, inner) + b"\x18\x01").decode()


def token(rng, blocks):
    head = b"\x80" + (1_790_000_000).to_bytes(8, "big")
    return base64.urlsafe_b64encode(head + rng.randbytes(16 + 16 * blocks + 32)).decode()
