import pytest

from gateway.pipeline.case import server_of


@pytest.mark.parametrize(
    ("endpoint", "server"),
    [
        ("http://sglang-0:30000", "sglang-0:30000"),
        ("https://api.openai.com/v1", "api.openai.com"),
        ("http://user:secret@host:1/x", "host:1"),
        ("http://[::1]:5", "[::1]:5"),
        ("", ""),
    ],
)
def test_a_server_is_named_without_credentials_and_path(endpoint, server):
    assert server_of(endpoint) == server
