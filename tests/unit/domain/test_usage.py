import json

from msgspec.json import encode

from gateway.domain.usage import Usage


def test_nothing_used_is_all_zero_and_no_estimate():
    usage = Usage()

    assert usage == Usage(0, 0, 0, 0, 0, estimated=False)


def test_what_came_later_is_left_out_of_a_record_where_it_is_empty():
    assert list(json.loads(encode(Usage(5)))) == [
        *("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
        "estimated",
    ]
    assert json.loads(encode(Usage(web_searches=2, service_tier="flex")))["service_tier"] == "flex"
