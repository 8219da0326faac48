import pytest

from gateway.estimation.tokens import estimate_tokens


@pytest.mark.parametrize(("size", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000), (-1, 0)])
def test_four_bytes_are_about_a_token(size, tokens):
    assert estimate_tokens(size) == tokens
