"""What is asked for as a request of Responses: nothing is stored, and items are what their vendor's types say."""

import pytest
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import TypeAdapter

from gateway.wire.translate.hub import (
    Asked,
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
    Tool,
    Turn,
    Unsupported,
)
from gateway.wire.translate.responses_write import LEAST_TOKENS, free_text, write_responses

OFFICIAL = TypeAdapter(ResponseCreateParamsNonStreaming)


def write(*turns, losses=None, most=0, **more):
    body = write_responses(Asked(turns=turns, **more), losses or Losses(), most=most)
    OFFICIAL.validate_python(body | {"model": "m"})
    return body


def test_turns_become_items_in_their_order():
    picture = Media("image", "p", "image/png", "AA==")
    call, free = Call("c1", "f", ""), Call("c2", "patch", '{"input":"x"}', free=True)
    body = write(
        Turn("system", (Text("s"),)),
        Turn("user", (Text("q"), picture)),
        Turn("assistant", (Thought("hmm", "ENC", "openai", "rs_1"), Text("a"), call, free)),
        Turn("user", (Result("c1", (Text("r"), picture), is_error=True), Result("c2", (Text("r"),), is_error=True))),
    )
    items = body["input"]
    assert [(item["type"], item.get("role")) for item in items] == [
        ("message", "developer"),
        ("message", "user"),
        ("reasoning", None),
        ("message", "assistant"),
        ("function_call", None),
        ("custom_tool_call", None),
        ("function_call_output", None),
        ("function_call_output", None),
    ]
    assert items[2] == {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "hmm"}],
        "encrypted_content": "ENC",
    }
    assert (items[4]["arguments"], items[5]["input"]) == ("{}", "x")
    assert [part["type"] for part in items[6]["output"]] == ["input_text", "input_text", "input_image"]
    assert items[7]["output"] == "Error: r"
    assert body["store"] is False


def test_what_another_vendor_signed_stays_behind_and_is_told():
    losses = Losses()
    body = write(Turn("assistant", (Thought("hmm", "SIGN"), Sealed("RED"), Refusal("no"))), losses=losses)
    assert [item["content"] for item in body["input"]] == ["no"]
    assert [loss.path for loss in losses.found] == ["thinking"]


def test_fields_have_the_names_of_this_dialect():
    losses = Losses()
    schema = {"type": "object", "properties": {}}
    body = write(
        losses=losses,
        max_tokens=5,
        stop=("X",),
        thinking=Thinking("high"),
        form=Format(schema, "n"),
        tools=(Tool("f", "d", schema), Tool("patch", free=True)),
        choice=Choice("named", "patch"),
        parallel=False,
        user="u",
        tier="priority",
        beside={"verbosity": "low", "logprobs": True, "top_logprobs": 2, "metadata": {"k": "v"}},
    )
    assert body["max_output_tokens"] == LEAST_TOKENS
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["text"]["format"] == {"type": "json_schema", "name": "n", "schema": schema, "strict": True}
    assert body["text"]["verbosity"] == "low"
    assert [tool["type"] for tool in body["tools"]] == ["function", "custom"]
    assert body["tool_choice"] == {"type": "custom", "name": "patch"}
    assert body["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert (body["parallel_tool_calls"], body["user"], body["service_tier"]) == (False, "u", "priority")
    assert (body["top_logprobs"], body["metadata"]) == (2, {"k": "v"})
    assert [loss.path for loss in losses.found] == ["stop"]


def test_sound_is_refused_and_a_picture_of_an_answer_is_told():
    with pytest.raises(Unsupported):
        write(Turn("user", (Media("audio", "p", "audio/wav", "AA"),)))
    losses = Losses()
    assert write(Turn("assistant", (Media("image", "p", url="https://x.example/a.png"),)), losses=losses)["input"] == []
    assert [loss.path for loss in losses.found] == ["p"]


def test_files_by_url_and_by_data():
    by_url = Media("document", "p", url="https://x.example/a.pdf")
    by_data = Media("document", "p", "application/pdf", "JV", name="a.pdf")
    content = write(Turn("user", (by_url, by_data)))["input"][0]["content"]
    assert content[0] == {"type": "input_file", "file_url": "https://x.example/a.pdf"}
    assert content[1]["file_data"] == "data:application/pdf;base64,JV"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"input":"a\\nb"}', "a\nb"),
        ("", ""),
        ("{}", ""),
        ("{", "{"),
        ('{"x":1}', '{"x":1}'),
        ('{"input":7}', '{"input":7}'),
    ],
)
def test_the_text_of_a_free_tool_is_taken_from_its_object(arguments, text):
    assert free_text(arguments) == text
