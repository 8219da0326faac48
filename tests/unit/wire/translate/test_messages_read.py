"""A Messages request in the form between dialects: what it holds, and what is refused with its place."""

import pytest

from gateway.wire.translate.hub import (
    Call,
    Choice,
    Losses,
    Media,
    Result,
    Sealed,
    Text,
    Thinking,
    Thought,
    Turn,
    Unsupported,
)
from gateway.wire.translate.messages_read import read_messages

CACHE = {"type": "ephemeral"}


def read(*messages, losses=None, **body):
    return read_messages({"model": "m", "max_tokens": 9, "messages": list(messages), **body}, losses or Losses())


def test_blocks_keep_their_order_and_a_document_of_text_is_text():
    asked = read(
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hmm", "signature": "S"},
                {"type": "redacted_thinking", "data": "R"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "is_error": True,
                    "content": [{"type": "text", "text": "r"}],
                },
                {"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "D"}},
                {"type": "image", "source": {"type": "url", "url": "https://x/a.png"}},
            ],
        },
        system=[{"type": "text", "text": "S", "cache_control": CACHE}],
    )

    assert asked.turns == (
        Turn("system", (Text("S", CACHE),)),
        Turn("assistant", (Thought("hmm", "S"), Sealed("R"), Call("t", "f", '{"x":1}'))),
        Turn(
            "user",
            (
                Result("t", (Text("r"),), is_error=True),
                Text("T"),
                Text("D"),
                Media("image", "messages[1].content[2]", url="https://x/a.png"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"mcp_servers": [{"url": "https://x"}]}, "mcp_servers"),
        ({"inference_geo": "eu"}, "inference_geo"),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, "tools[0]"),
        ({"tool_choice": {"type": "sometimes"}}, "tool_choice.type"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}
                ]
            },
            "messages[0].content[0].source",
        ),
    ],
)
def test_what_no_other_dialect_has_is_refused_with_its_place(body, place):
    with pytest.raises(Unsupported) as caught:
        read(**body)
    assert caught.value.path == place


def test_blocks_of_the_vendors_own_tools_are_told():
    losses = Losses()
    asked = read({"role": "assistant", "content": [{"type": "server_tool_use", "id": "x"}]}, losses=losses)

    assert asked.turns == (Turn("assistant", ()),)
    assert [loss.path for loss in losses.found] == ["messages[0].content[0]"]


def test_thinking_is_an_effort_a_budget_or_off():
    assert read(thinking={"type": "enabled", "budget_tokens": 5}).thinking == Thinking(None, 5)
    assert read(thinking={"type": "adaptive"}, output_config={"effort": "max"}).thinking == Thinking("max")
    assert read(thinking={"type": "disabled"}).thinking.is_off
    assert read().thinking is None


def test_one_call_at_a_time_is_part_of_the_choice():
    asked = read(tool_choice={"type": "any", "disable_parallel_tool_use": True})
    assert (asked.choice, asked.parallel) == (Choice("required"), False)


def test_a_users_id_that_is_no_text_is_refused_with_its_place():
    with pytest.raises(Unsupported) as caught:
        read(metadata={"user_id": {"a": "b"}})
    assert caught.value.path == "metadata.user_id"


def test_all_of_a_search_result_is_text_or_told():
    losses = Losses()
    found = {"type": "search_result", "title": "T", "source": "S", "content": [{"type": "text", "text": "x"}]}
    more = {"citations": {"enabled": True}, "cache_control": CACHE, "note": "n"}
    (turn,) = read({"role": "user", "content": [found | more]}, losses=losses).turns
    assert turn.parts == (Text("T"), Text("S"), Text("x"))
    assert [loss.path.rpartition(".")[2] for loss in losses.found] == ["citations", "cache_control", "note"]
