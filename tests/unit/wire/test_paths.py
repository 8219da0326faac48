"""A wrong path is most often a wrong base URL: the answer says which one to set."""

import pytest

from gateway.wire.paths import problem

SERVED = {"/v1/chat/completions", "/v1/messages"}


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/v1/messages", 405, "is POST only"),
        ("/v1/responses", 404, "not built yet"),
        ("/v1/v1/messages", 404, "without /v1"),
        ("/chat/completions", 404, "with /v1 at the end"),
        ("/v1/messages/", 404, "call /v1/messages, without the slash"),
        ("/v1/messages/batches", 404, "one by one"),
        ("/v1/files/file-1/content", 404, "one by one"),
        ("/", 404, "calls go to /v1/chat/completions, /v1/messages"),
        ("", 404, "calls go to"),
        ("/v2/x", 404, "calls go to"),
    ],
)
def test_a_path_that_is_not_served_is_answered_with_what_to_do(path, status, said):
    found = problem(path, SERVED, {"/v1/responses"})
    assert (found[0], said in found[1]) == (status, True)
