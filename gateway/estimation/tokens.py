"""Token counts without a tokenizer: an estimate for ranking. The bound for holds is the byte count itself."""

from gateway.pricing.estimate import BYTES_PER_TOKEN, estimate_tokens

__all__ = ["BYTES_PER_TOKEN", "estimate_tokens"]
