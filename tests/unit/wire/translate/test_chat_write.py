"""What is asked for as a chat request: results where the dialect wants them, and nothing signed by another vendor."""

import pytest

from gateway.wire.translate.chat_write import LONGEST_USER, bounded, write_chat
from gateway.wire.translate.hub import (
    Asked,
    Call,
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


def write(*turns, newest=False, most=0, losses=None, **more):
    return write_chat(Asked(turns=turns, **more), losses or Losses(), newest=newest, most=most)


def test_pictures_of_a_result_follow_all_results():
    picture = Media("image", "p", "image/png", "AA==")
    results = Result("a", (Text("one"), picture)), Result("b", (), is_error=True)
    body = write(Turn("user", (*results, Text("more"))))

    assert [message["role"] for message in body["messages"]] == ["tool", "tool", "user"]
    assert body["messages"][0] == {"role": "tool", "tool_call_id": "a", "content": "one"}
    assert body["messages"][1]["content"] == "Error: "
    assert [part["type"] for part in body["messages"][2]["content"]] == ["image_url", "text"]


def test_signed_thinking_stays_with_its_vendor_and_is_told():
    losses = Losses()
    body = write(Turn("assistant", (Thought("hmm", "SIGN"), Sealed("RED"), Text("a"))), losses=losses)

    assert body["messages"] == [{"role": "assistant", "content": "a"}]
    assert [loss.path for loss in losses.found] == ["thinking"]


def test_thinking_that_nobody_signed_goes_back():
    body = write(Turn("assistant", (Thought("hmm"), Call("c", "f", ""))))
    assert body["messages"][0]["reasoning_content"] == "hmm"
    assert body["messages"][0]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize(("newest", "name"), [(True, "max_completion_tokens"), (False, "max_tokens")])
def test_the_limit_has_the_name_that_the_target_knows_and_its_bound(newest, name):
    losses = Losses()
    assert write(newest=newest, most=5, max_tokens=9, losses=losses)[name] == 5
    assert [loss.path for loss in losses.found] == ["max_tokens"]
    assert bounded(9, 0, losses) == 9


@pytest.mark.parametrize(
    ("thinking", "effort"),
    [
        (Thinking(None, 1024), "low"),
        (Thinking(None, 8000), "medium"),
        (Thinking(None, 20000), "high"),
        (Thinking(None, 60000), "xhigh"),
        (Thinking("max", 1024), "max"),
        (Thinking(), None),
        (Thinking("high", is_off=True), None),
    ],
)
def test_a_budget_of_thinking_is_an_effort(thinking, effort):
    assert write(thinking=thinking).get("reasoning_effort") == effort


def test_a_file_at_an_address_is_refused_and_long_names_are_told():
    with pytest.raises(Unsupported):
        write(Turn("user", (Media("document", "p", url="https://x/a.pdf"),)))
    losses = Losses()
    assert "user" not in write(user="u" * (LONGEST_USER + 1), losses=losses)
    assert losses.found
    assert write(user="u")["user"] == "u"


def test_marks_for_the_cache_are_told_once():
    losses = Losses()
    mark = {"type": "ephemeral"}
    write(Turn("user", (Text("a", mark), Text("b", mark))), tools=(Tool("f", cache=mark),), losses=losses)
    assert [loss.path for loss in losses.found] == ["cache_control"]


def test_what_stood_apart_is_not_joined_into_a_word():
    """Texts are scanned one by one, and so must not become another text on the way."""
    turn = Turn("assistant", (Thought("ann.lee@"), Thought("corp.com"), Refusal("ann.lee@"), Refusal("corp.com")))
    (message,) = write(turn)["messages"]
    assert message["reasoning_content"] == message["refusal"] == "ann.lee@\ncorp.com"


@pytest.mark.parametrize(
    ("role", "part", "place"),
    [
        ("assistant", Media("image", "messages[0].content[0]", "image/png", "AA=="), "messages[0].content[0]"),
        ("assistant", Result("a", (Text("x"),)), "messages.assistant.result"),
        ("user", Call("c", "f", "{}"), "messages.user.call"),
        ("system", Call("c", "f", "{}"), "messages.system.call"),
    ],
)
def test_what_a_side_cannot_say_there_is_told(role, part, place):
    losses = Losses()
    write(Turn(role, (Text("a"), part)), losses=losses)
    assert [loss.path for loss in losses.found] == [place]
