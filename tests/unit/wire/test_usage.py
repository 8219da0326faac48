"""What vendors report is read into one form, billed once each token, whatever the shape."""

import pytest

from gateway.domain.usage import Usage
from gateway.wire.usage import anthropic_usage, openai_usage, service_tier


@pytest.mark.parametrize(
    ("reported", "usage"),
    [
        (None, None),
        ("x", None),
        ({}, Usage()),
        ({"prompt_tokens": 9, "completion_tokens": 4}, Usage(9, output_tokens=4)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 5}}, Usage(9, 5)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 50}}, Usage(9, 9)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 5, "cache_creation_tokens": 9}},
            Usage(9, 5, 4),
        ),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, Usage(9)),
        (
            {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}},
            Usage(output_tokens=9, reasoning_tokens=5),
        ),
        ({"completion_tokens": 9, "reasoning_tokens": 50}, Usage(output_tokens=9, reasoning_tokens=9)),
        ({"prompt_tokens": -5, "completion_tokens": "x"}, Usage()),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4}, Usage(9, 4)),
        (
            {
                "prompt_tokens": 20,
                "prompt_tokens_details": {
                    "cache_creation_tokens": 8,
                    "cache_creation_token_details": {"ephemeral_1h_input_tokens": 5},
                    "audio_tokens": 9,
                    "image_tokens": 9,
                },
            },
            Usage(20, 0, 8, cache_write_1h_tokens=5, audio_input_tokens=9, image_input_tokens=3),
        ),
        (
            {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 9}},
            Usage(output_tokens=9, reasoning_tokens=5, audio_output_tokens=4),
        ),
        (
            {"prompt_tokens": 1, "server_tool_use": {"web_search_requests": 2}},
            Usage(1, web_searches=2),
        ),
    ],
)
def test_openai_usage_is_inclusive_and_its_parts_never_exceed_it(reported, usage):
    assert openai_usage(reported) == usage


BEFORE = Usage(12, 3, 2, 1)


@pytest.mark.parametrize(
    ("reported", "before", "usage"),
    [
        (None, None, None),
        (None, BEFORE, BEFORE),
        ({}, None, Usage()),
        ({"input_tokens": 7, "output_tokens": 3}, None, Usage(7, output_tokens=3)),
        ({"input_tokens": 7, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2}, None, Usage(12, 3, 2)),
        ({"output_tokens": 9}, BEFORE, Usage(12, 3, 2, 9)),
        ({"input_tokens": 8, "output_tokens": 9}, BEFORE, Usage(13, 3, 2, 9)),
        ({"input_tokens": None, "output_tokens": 0}, BEFORE, Usage(12, 3, 2, 0)),
        ({"input_tokens": -7, "output_tokens": 10**30}, None, Usage(0, output_tokens=2**31 - 1)),
        (
            {"cache_creation_input_tokens": 9, "cache_creation": {"ephemeral_1h_input_tokens": 4}},
            None,
            Usage(9, 0, 9, cache_write_1h_tokens=4),
        ),
        (
            {"cache_creation": {"ephemeral_1h_input_tokens": 4, "ephemeral_5m_input_tokens": 1}},
            None,
            Usage(5, 0, 5, cache_write_1h_tokens=4),
        ),
        (
            {"server_tool_use": {"web_search_requests": 3}, "service_tier": "priority"},
            None,
            Usage(web_searches=3, service_tier="priority"),
        ),
        ({"output_tokens": 2}, Usage(service_tier="batch"), Usage(output_tokens=2, service_tier="batch")),
        ({"service_tier": "standard"}, Usage(service_tier="batch"), Usage()),
    ],
)
def test_messages_usage_is_inclusive_and_a_later_report_replaces_an_earlier_one(reported, before, usage):
    assert anthropic_usage(reported, before) == usage


def test_reasoning_that_a_vendor_leaves_out_of_its_output_is_added_once():
    inside = {"completion_tokens": 9, "total_tokens": 10, "prompt_tokens": 1, "completion_tokens_details": {}}
    outside = inside | {"total_tokens": 15, "completion_tokens_details": {"reasoning_tokens": 5}}

    assert openai_usage(inside) == Usage(1, output_tokens=9)
    assert openai_usage(outside) == Usage(1, output_tokens=14, reasoning_tokens=5)


@pytest.mark.parametrize(
    ("word", "tier"), [("flex", "flex"), ("default", ""), ("standard", ""), ("auto", ""), (None, ""), (["batch"], "")]
)
def test_a_tier_of_service_is_one_of_ours_or_the_standard_one(word, tier):
    assert service_tier(word) == tier
    assert openai_usage({}, word) == Usage(service_tier=tier)
