from gateway.pipeline.inbound import Headers


def test_names_are_lower_case_and_the_first_of_repeated_values_is_kept():
    headers = Headers.parse([(b"X-A", b"1"), (b"x-a", b"2"), (b"b", b"\xe9")])
    assert headers.get("x-a") == "1"
    assert headers.get("b") == "\xe9"
    assert headers.get("c") is None
    assert headers.repeated == {"x-a"}


def test_repeated_headers_that_are_lists_are_joined():
    raw = [(b"anthropic-beta", b"a"), (b"x-other", b"1"), (b"Anthropic-Beta", b"b"), (b"x-other", b"2")]

    headers = Headers.parse(raw)

    assert (headers.get("anthropic-beta"), headers.get("x-other")) == ("a,b", "1")
    assert headers.repeated == {"anthropic-beta", "x-other"}
