"""What a refused caller reads: what was found, where, and what to do; never the value."""

import pytest
from support.fakes import CARD, Client, Fakes, ask, closed, inbound, policy

from gateway.pipeline.handle import handle
from gateway.pipeline.refused import advice, words
from tests.unit.pipeline.test_case import case_of

pytestmark = pytest.mark.anyio
MAIL = "ann.miller@corp-mail.de"


async def refused(content, agent="", **more):
    world = Fakes(
        snapshot=policy(targets=[closed("away")], rules=[], models=[{"name": "auto", "candidates": ["away"]}])
    )
    client = Client()
    await handle(inbound(ask(content), user_agent=agent, **more), world.world, client)
    return client


async def test_the_message_names_what_was_found_and_where_and_never_the_value():
    client = await refused(f"pay with {CARD}")
    said = client.json["error"]["message"]

    assert client.status == 403
    assert said.startswith(
        "no target is permitted for this request: it holds a payment card number in messages[0].content"
    )
    assert "Remove it and send the request again" in said
    assert CARD not in client.body.decode()


async def test_what_weighs_most_comes_first_and_places_beyond_three_are_counted():
    texts = [*(f"write to {n}{MAIL} now." for n in range(4)), f"pay with {CARD}."]
    parts = [{"type": "text", "text": text} for text in texts]
    said = (await refused(parts)).json["error"]["message"]

    assert "it holds a payment card number in messages[0].content[4].text, an e-mail address in" in said
    assert "and 2 more." in said


async def test_a_picture_is_named_too():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert "content that cannot be read (image_url) in messages[0].content[0]" in (await refused([image])).body.decode()


async def test_claude_code_which_takes_any_403_for_a_failed_login_gets_a_400():
    client = await refused(f"pay with {CARD}", agent="claude-cli/2.1.197 (external, sdk-cli)")
    assert (client.status, client.json["error"]["code"]) == (400, "no_permitted_route")
    assert client.json["error"]["type"] == "invalid_request_error"


async def test_a_caller_with_an_old_secret_learns_how_to_get_rid_of_it(monkeypatch):
    clean = await case_of(monkeypatch, "Hello", "And now?")
    tainted = await case_of(monkeypatch, f"pay with {CARD}", "And now?")

    assert advice(clean) == ""
    assert "made this conversation restricted" in advice(tainted)
    assert "start a new session" in advice(tainted)


def test_detectors_of_the_policy_are_named_by_their_id():
    assert words("custom:project") == "what your company's detector `project` looks for"
    assert words("word_list:names") == "a word of your company's list `names`"
    assert words("session:secret") == words("exception:x") == ""


async def test_every_built_in_kind_has_words():
    from gateway.sensitivity.detectors import DETECTORS

    assert all(words(one.kind) for one in DETECTORS)
