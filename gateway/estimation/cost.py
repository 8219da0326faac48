"""What a call is expected to cost, and at most: the names by which the pipeline knows them."""

from gateway.pricing.estimate import EXPECTED_OUTPUT_TOKENS, estimates, expected, hold, output_bound

__all__ = ["EXPECTED_OUTPUT_TOKENS", "estimates", "expected", "hold", "output_bound"]
