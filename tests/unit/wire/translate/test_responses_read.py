"""A request of Responses: items become turns, what is kept elsewhere is refused, and nothing is lost without a word."""

import pytest

from gateway.wire.translate.hub import (
    Call,
    Choice,
    Format,
    Losses,
    Media,
    Refusal,
    Result,
    Sealed,
    Text,
    Thinking,
    Thought,
    Turn,
    Unsupported,
)
from gateway.wire.translate.responses_read import read_responses


def read(*items, losses=None, **body):
    return read_responses({"input": list(items), **body}, losses or Losses())


def said(role, *content):
    return {"type": "message", "role": role, "content": list(content)}


def test_instructions_and_a_text_are_two_turns():
    asked = read_responses({"instructions": "be kind", "input": "hi"}, Losses())
    assert asked.turns == (Turn("system", (Text("be kind"),)), Turn("user", (Text("hi"),)))


def test_what_one_side_says_at_once_is_one_turn():
    turns = read(
        {"role": "user", "content": "q"},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hmm"}], "content": None},
        said("assistant", {"type": "output_text", "text": "a", "annotations": []}),
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"x":1}'},
        {"type": "custom_tool_call", "call_id": "c2", "name": "patch", "input": "*** Begin"},
        {"type": "function_call_output", "call_id": "c1", "output": "r"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "done"}]},
        said("user", {"type": "input_text", "text": "next"}),
    ).turns

    assert [turn.role for turn in turns] == ["user", "assistant", "user", "user"]
    assert turns[1].parts == (
        Thought("hmm"),
        Text("a"),
        Call("c1", "f", '{"x":1}'),
        Call("c2", "patch", '{"input":"*** Begin"}', free=True),
    )
    assert turns[2].parts == (Result("c1", (Text("r"),)), Result("c2", (Text("done"),)))


def test_paragraphs_of_a_summary_stay_apart_and_what_is_encrypted_keeps_its_id():
    summary = [{"type": "summary_text", "text": text} for text in ("a", "b")]
    (turn,) = read(
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "ENC"},
        {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "ENC2"},
        {"type": "reasoning", "id": "rs_3", "summary": []},
    ).turns
    assert turn.parts == (Thought("a\n\nb", "ENC", "openai", "rs_1"), Sealed("ENC2", "openai", "rs_2"))


def test_pictures_files_refusals_and_marks_of_the_cache():
    picture = {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "high"}
    file = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JV"}
    marked = {"type": "input_text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit"}}
    user, assistant = read(
        said("user", picture, file, marked), said("assistant", {"type": "refusal", "refusal": "no"})
    ).turns

    assert user.parts[0] == Media("image", "input[0].content[0].image_url", "image/png", "AA==", detail="high")
    assert (user.parts[1].kind, user.parts[1].name, user.parts[1].data) == ("document", "a.pdf", "JV")
    assert user.parts[2] == Text("t", {"type": "ephemeral"})
    assert assistant.parts == (Refusal("no"),)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0]"),
        ({"input": [{"type": "compaction", "encrypted_content": "x"}]}, "input[0]"),
        ({"input": [{"role": "robot", "content": "x"}]}, "input[0].role"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
            "input[0].content[0].file_id",
        ),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]},
            "input[0].content[0].file_id",
        ),
        ({"input": [{"type": "function_call", "name": "f", "arguments": "{}"}]}, "input[0].call_id"),
        ({"input": ["x"]}, "input[0]"),
        ({"text": {"format": {"type": "yaml"}}}, "text.format"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
    ],
)
def test_what_no_other_dialect_has_is_refused_with_its_place(body, place):
    with pytest.raises(Unsupported) as caught:
        read_responses({"input": [], **body}, Losses())
    assert caught.value.path == place


def test_what_is_not_sent_is_told_with_its_place():
    losses = Losses()
    read(
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        said("user", {"type": "input_video"}),
        {
            **said("assistant", {"type": "output_text", "text": "a", "annotations": [{"type": "url_citation"}]}),
            "phase": "commentary",
        },
        losses=losses,
        include=["reasoning.encrypted_content", "message.output_text.logprobs"],
        reasoning={"effort": "high", "summary": "detailed", "mode": "pro"},
        text={"verbosity": "low"},
        truncation="auto",
        store=True,
        metadata={"k": "v"},
        unheard_of=1,
    )
    assert {loss.path for loss in losses.found} == {
        *("input[0]", "input[1].content[0]", "input[2].phase", "input[2].content[0].annotations", "include[1]"),
        *("reasoning.summary", "reasoning.mode", "text.verbosity", "truncation", "store", "metadata", "unheard_of"),
    }


def test_what_a_caller_sends_by_default_is_no_loss():
    losses = Losses()
    asked = read(
        losses=losses,
        store=False,
        include=["reasoning.encrypted_content"],
        reasoning={"effort": "medium", "summary": "auto"},
        text={"format": {"type": "text"}, "verbosity": "medium"},
        truncation="disabled",
        tool_choice="auto",
        parallel_tool_calls=True,
        stream=True,
        max_output_tokens=100,
        service_tier="default",
    )
    assert losses.found == ()
    assert (asked.thinking, asked.form, asked.choice) == (Thinking("medium"), None, Choice("auto"))
    assert (asked.stream, asked.max_tokens, asked.parallel, asked.tier) == (True, 100, True, "standard")


def test_a_schema_and_an_effort_of_none():
    schema = {"type": "object"}
    wanted = {"format": {"type": "json_schema", "name": "n", "schema": schema, "strict": True}}
    asked = read(text=wanted, reasoning={"effort": "none"})
    assert asked.form == Format(schema, "n", strict=True)
    assert asked.thinking == Thinking("none", is_off=True)
    assert read(text={"format": {"type": "json_object"}}).form == Format()


def test_tools_that_come_later_are_tools():
    tools = [{"type": "function", "name": "late", "parameters": {}}]
    asked = read({"type": "additional_tools", "role": "developer", "tools": tools})
    assert [tool.name for tool in asked.tools] == ["late"]
    assert asked.turns == ()
