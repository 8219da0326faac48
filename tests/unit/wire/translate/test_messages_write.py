"""What is asked for as a Messages request: what the vendor would refuse is not sent, and told."""

import pytest

from gateway.wire.translate.hub import (
    Asked,
    Call,
    Choice,
    Format,
    Losses,
    Media,
    Refusal,
    Result,
    Text,
    Thinking,
    Thought,
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.messages_write import DEFAULT_MOST, JSON_PLEASE, given, is_newer, write_messages

OLD, NEW = "claude-sonnet-4-5-20250929", "claude-opus-4-8"
ASKED = Turn("user", (Text("q"),))
CALLED = Turn("assistant", (Call("c", "f", "{}"),))


def write(*turns, model=OLD, most=0, losses=None, **more):
    return write_messages(Asked(turns=turns or (ASKED,), **more), losses or Losses(), model=model, most=most)


def lost(**how):
    losses = Losses()
    write(losses=losses, **how)
    return [loss.path for loss in losses.found]


def test_results_of_several_tools_stand_in_one_message_with_what_follows():
    turns = (CALLED, Turn("user", (Result("c", (Text("1"),)),)), Turn("user", (Result("d", ()),)), ASKED)
    body = write(*turns)

    assert [message["role"] for message in body["messages"]] == ["assistant", "user"]
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_result", "tool_result", "text"]


def test_a_system_turn_keeps_its_place():
    body = write(Turn("system", (Text("a"),)), Turn("system", (Text("b"),)), ASKED, Turn("system", (Text("later"),)))

    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert [message["role"] for message in body["messages"]] == ["user", "system"]


def test_empty_texts_and_thinking_that_nobody_signed_are_not_sent():
    body = write(ASKED, Turn("assistant", (Thought("hmm"), Text(" "), Refusal("no"))))
    assert body["messages"][1]["content"] == [{"type": "text", "text": "no"}]


def test_there_is_always_a_limit():
    assert write()["max_tokens"] == DEFAULT_MOST
    assert write(most=5)["max_tokens"] == 5
    assert write(most=5, max_tokens=9)["max_tokens"] == 5


@pytest.mark.parametrize(
    ("model", "newer"),
    [
        (OLD, False),
        ("claude-3-7-sonnet-latest", False),
        ("claude-opus-4-5", False),
        ("claude-sonnet-4-20250514", False),
        ("claude-opus-4-6", True),
        (NEW, True),
        ("claude-sonnet-5-5", True),
        ("deepseek-v4", False),
    ],
)
def test_newer_models_decide_themselves_how_they_think(model, newer):
    assert is_newer(model) is newer
    thinking = write(model=model, thinking=Thinking("high"))["thinking"]["type"]
    assert thinking == ("adaptive" if newer else "enabled")


def test_a_budget_stays_below_the_limit_or_there_is_no_thinking():
    assert write(max_tokens=2000, thinking=Thinking("high"))["thinking"]["budget_tokens"] == 1999
    assert lost(max_tokens=500, thinking=Thinking("high")) == ["reasoning_effort"]
    assert write(thinking=Thinking(is_off=True))["thinking"] == {"type": "disabled"}


def test_the_vendor_does_not_think_where_a_tool_must_be_called_or_a_call_was_not_its_own():
    tools = (Tool("f"),)
    assert lost(tools=tools, choice=Choice("required"), thinking=Thinking("low")) == ["reasoning_effort"]
    losses = Losses()
    assert "thinking" not in write(ASKED, CALLED, thinking=Thinking("low"), losses=losses)
    signed = Turn("assistant", (Thought("hmm", "S"), *CALLED.parts))
    assert "thinking" in write(ASKED, signed, thinking=Thinking("low"))


def test_sampling_is_sent_as_far_as_the_model_takes_it():
    assert write(temperature=0.3)["temperature"] == 0.3
    assert write(temperature=1.7)["temperature"] == 1
    assert lost(temperature=1.7) == ["temperature"]
    assert lost(temperature=0.3, top_p=0.5) == ["top_p"]
    assert lost(temperature=0.3, thinking=Thinking("low")) == ["temperature"]
    assert lost(model=NEW, temperature=0.3, top_p=0.5) == ["temperature", "top_p"]


def test_json_without_a_schema_becomes_an_instruction_and_is_told():
    body = write(form=Format())
    assert body["system"] == JSON_PLEASE
    assert lost(form=Format()) == ["response_format"]
    assert write(form=Format({"type": "object"}))["output_config"]["format"]["schema"] == {"type": "object"}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [("", {}), ('{"x":1}', {"x": 1}), ('{"x":', {"arguments": '{"x":'}), ("[1]", {"arguments": "[1]"})],
)
def test_arguments_that_are_no_object_are_kept_as_text(arguments, found):
    assert given(arguments) == found


@pytest.mark.parametrize("kind", ["image/svg+xml", "audio/wav"])
def test_what_the_vendor_cannot_read_is_refused(kind):
    media = Media("audio" if "audio" in kind else "image", "messages[0]", kind, "AA==")
    with pytest.raises(Unsupported, match="messages"):
        write(Turn("user", (media,)))


def test_one_call_at_a_time_needs_a_choice():
    body = write(tools=(Tool("f"),), parallel=False)
    assert body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    assert write(tools=(Tool("f"),), choice=Choice("none"), parallel=False)["tool_choice"] == {"type": "none"}
