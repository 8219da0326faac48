"""One answer, whole or in pieces, has the same usage."""

import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.price import Price
from gateway.pricing.cost import cost
from gateway.wire.anthropic_messages import AnthropicMessages
from gateway.wire.openai_chat import OpenAIChat

COUNTS = st.integers(0, 10**6)
ODD = st.none() | COUNTS | st.just("x")
TIERS = st.sampled_from([None, "auto", "default", "standard", "flex", "priority", "batch"])
OPENAI = st.fixed_dictionaries(
    {},
    optional={
        "prompt_tokens": COUNTS,
        "completion_tokens": COUNTS,
        "total_tokens": COUNTS,
        "reasoning_tokens": ODD,
        "prompt_tokens_details": st.none()
        | st.dictionaries(
            st.sampled_from(
                ["cached_tokens", "cache_creation_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"]
            ),
            ODD,
        ),
        "completion_tokens_details": st.none()
        | st.dictionaries(st.sampled_from(["reasoning_tokens", "audio_tokens"]), ODD),
        "server_tool_use": st.none() | st.dictionaries(st.just("web_search_requests"), ODD),
    },
)
ANTHROPIC = st.fixed_dictionaries(
    {"input_tokens": COUNTS, "output_tokens": COUNTS},
    optional={
        "cache_read_input_tokens": st.none() | COUNTS,
        "cache_creation_input_tokens": COUNTS,
        "cache_creation": st.none()
        | st.dictionaries(st.sampled_from(["ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens"]), COUNTS),
        "server_tool_use": st.none() | st.dictionaries(st.just("web_search_requests"), COUNTS),
        "service_tier": TIERS,
    },
)
PRICE = Price(2, 7, 1, 3, "yaml", cache_write_1h=4, audio_input=11, image_input=5, audio_output=13, reasoning=9)


def sse(tree, name=""):
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(tree)}\n\n".encode()


def parts_of(usage):
    taken = usage.cached_input_tokens + usage.cache_write_tokens + usage.audio_input_tokens + usage.image_input_tokens
    return taken, usage.reasoning_tokens + usage.audio_output_tokens


@given(OPENAI, TIERS, st.booleans())
def test_a_chat_stream_uses_what_the_same_answer_in_one_piece_does(usage, tier, beside_content):
    dialect = OpenAIChat()
    choices = [{"index": 0, "delta": {"content": "x"}, "finish_reason": None}]
    first = {"id": "1", "choices": choices, "service_tier": tier, **({"usage": usage} if beside_content else {})}
    reader = dialect.reader(usage_asked=True)
    for event in (first, {"id": "1", "choices": choices}, {"id": "1", "choices": [], "usage": usage}):
        reader.read(sse(event))
    whole = dialect.answer({"choices": [{"message": {"content": "x"}}], "usage": usage, "service_tier": tier})

    assert reader.usage == whole.usage
    assert parts_of(whole.usage)[0] <= whole.usage.input_tokens
    assert parts_of(whole.usage)[1] <= whole.usage.output_tokens
    assert whole.usage.cache_write_1h_tokens <= whole.usage.cache_write_tokens


@given(ANTHROPIC, st.integers(0, 20), st.booleans())
def test_a_messages_stream_uses_what_the_same_answer_in_one_piece_does(usage, early, totals_again):
    dialect = AnthropicMessages()
    reader = dialect.reader(usage_asked=True)
    reader.read(sse({"type": "message_start", "message": {"usage": usage | {"output_tokens": early}}}, "message_start"))
    last = usage if totals_again else {"output_tokens": usage["output_tokens"]}
    reader.read(sse({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": last}, "message_delta"))
    whole = dialect.answer({"content": [], "usage": usage})

    assert reader.usage == whole.usage
    assert parts_of(whole.usage)[0] <= whole.usage.input_tokens


@given(ANTHROPIC)
def test_a_stream_that_begins_with_zeros_ends_with_its_totals(usage):
    reader = AnthropicMessages().reader(usage_asked=True)
    reader.read(sse({"type": "message_start", "message": {"usage": {"input_tokens": 0, "output_tokens": 0}}}))
    reader.read(sse({"type": "message_delta", "delta": {}, "usage": usage}))

    assert reader.usage == AnthropicMessages().answer({"content": [], "usage": usage}).usage


@given(OPENAI)
def test_each_token_is_billed_in_one_bucket(reported):
    usage = OpenAIChat().answer({"choices": [], "usage": reported}).usage
    dearest = max(PRICE.dearest_media, PRICE.dearest_output)

    assert cost(PRICE, usage) <= -(-(usage.input_tokens + usage.output_tokens) * dearest // 10**6)
