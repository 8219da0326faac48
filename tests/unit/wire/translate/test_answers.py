"""Complete answers in both directions: reasons, usage, calls, and what has no place."""

import pytest

from gateway.domain.usage import Usage
from gateway.wire.translate.answers import (
    chat_finish,
    finish_for_chat,
    finish_for_messages,
    messages_finish,
    read_chat_answer,
    read_messages_answer,
    usage_for_chat,
    usage_for_messages,
    write_chat_answer,
    write_messages_answer,
)
from gateway.wire.translate.hub import Call, Finish, Given, Losses, Sealed, Text, Thought
from gateway.wire.usage import anthropic_usage, openai_usage

USAGE = Usage(input_tokens=110, cached_input_tokens=60, cache_write_tokens=10, output_tokens=50)


@pytest.mark.parametrize(
    ("reason", "how", "finish"),
    [
        ("stop", {}, Finish.STOP),
        ("stop", {"calls": True}, Finish.CALLS),
        ("stop", {"refused": True}, Finish.REFUSED),
        ("stop", {"sequence": "X"}, Finish.SEQUENCE),
        ("stop", {"sequence": 154829}, Finish.STOP),
        ("length", {"calls": True}, Finish.LENGTH),
        ("eos_token", {}, Finish.STOP),
        (["x"], {}, Finish.STOP),
    ],
)
def test_servers_say_stop_for_many_reasons(reason, how, finish):
    assert chat_finish(reason, **how) is finish


def test_every_reason_has_a_word_in_both_dialects():
    assert {messages_finish(finish_for_messages(finish)) for finish in Finish} == set(Finish)
    assert {finish_for_chat(finish) for finish in Finish} == {"stop", "length", "tool_calls", "content_filter"}


def test_usage_counts_the_same_in_both_dialects():
    chat, messages = openai_usage(usage_for_chat(USAGE)), anthropic_usage(usage_for_messages(USAGE))
    assert messages == USAGE
    assert (chat.input_tokens, chat.cached_input_tokens, chat.output_tokens) == (110, 60, 50)
    assert usage_for_chat(None)["total_tokens"] == 0


def test_an_answer_goes_there_and_back():
    parts = (Thought("hmm", "SIGN"), Text("a"), Call("c", "f", '{"x":1}'))
    answer = Given("id", "m", parts, Finish.CALLS, usage=USAGE)

    assert read_messages_answer(write_messages_answer(answer, Losses()), Losses()) == answer
    again = read_chat_answer(write_chat_answer(answer, created=7), Losses())
    assert again.parts == (Thought("hmm"), Text("a"), Call("c", "f", '{"x":1}'))
    message = write_chat_answer(answer, created=7)["choices"][0]["message"]
    assert message["reasoning_details"][0]["signature"] == "SIGN"


def test_what_has_no_place_is_told():
    losses = Losses()
    tree = {
        "content": [{"type": "text", "text": "a", "citations": [{}]}, {"type": "server_tool_use"}],
        "stop_reason": "pause_turn",
    }
    read_messages_answer(tree, losses)
    write_messages_answer(Given("", "", (Call("c", "f", "{"), Sealed("R")), Finish.CALLS), losses)

    assert [loss.path for loss in losses.found] == [
        "content[0].citations",
        "content[1]",
        "stop_reason",
        "content.f.input",
    ]


def test_arguments_that_are_an_object_already_stay_one():
    called = {"id": "c", "function": {"name": "f", "arguments": {"a": "é", "b": None}}}
    answer = read_chat_answer({"choices": [{"message": {"tool_calls": [called]}}]}, Losses())
    (block,) = write_messages_answer(answer, Losses())["content"]
    assert block["input"] == {"a": "é", "b": None}
