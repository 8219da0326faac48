"""A conversation remembers what was sent, nothing that was refused, and each thing once."""

import pytest
from support.fakes import Clock
from support.labels import found

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.pipeline.remembering import Remembering
from gateway.pipeline.session import Recalled, recalled
from gateway.ports import SessionsUnavailable
from gateway.sensitivity.conversation import conversation
from gateway.sensitivity.origins import Origin
from gateway.sensitivity.said import Said
from gateway.stores.sessions.memory import MemorySessions

pytestmark = pytest.mark.anyio

SECRET = b"s"
IBAN = Part("iban", Label(DataClass.RESTRICTED), 0)
MAIL = Part("email", Label(DataClass.CONFIDENTIAL, frozenset({Category.PII})), 0)


def user(text):
    return {"role": "user", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def known(*turns, session="", key="k"):
    return conversation({"messages": list(turns)}, team="t", key=key, session=session, secret=SECRET)


def remembering(conversation, *parts, before=None, decision="dec_1"):
    return Remembering(conversation, before or Recalled(), parts, decision, 100)


@pytest.fixture
def store():
    return MemorySessions(Clock())


async def test_what_was_not_sent_is_not_remembered(store):
    remembering(known(user("a"), session="s"), IBAN)
    assert await found(store, "t", [known(user("a")).here, "s:s"]) == ()


async def test_it_is_kept_before_the_answer_comes_under_the_id_and_at_the_place(store):
    asked = known(user("a"), session="s")
    assert await remembering(asked, IBAN).begin(store, "t")
    for key in (asked.id, asked.here):
        assert "iban" in {part.kind for part in await found(store, "t", [key])}


async def test_what_cannot_be_kept_is_said(store, monkeypatch):
    async def fails(*_):
        raise SessionsUnavailable

    monkeypatch.setattr(store, "add", fails)
    memory = remembering(known(user("a")), IBAN)
    assert not await memory.begin(store, "t")
    monkeypatch.undo()
    assert await memory.begin(store, "t")


async def test_an_answer_carries_what_its_request_held_and_what_was_found_in_it(store):
    memory = remembering(known(user("a")), IBAN)
    await memory.begin(store, "t")
    await memory.answered(store, "t", [Said("b")], [MAIL], SECRET)
    later = await recalled(store, "t", known(user("a"), assistant("b"), user("c")))
    assert {part.kind for part in later.parts} == {"iban", "email"}


async def test_the_decision_that_made_it_so_is_known(store):
    memory = remembering(known(user("a")), IBAN)
    await memory.begin(store, "t")
    await memory.answered(store, "t", [Said("b")], [], SECRET)
    later = known(user("a"), assistant("b"), user("c"))
    before = await recalled(store, "t", later)
    assert before.origins == (Origin("iban", "dec_1", 100),)
    again = remembering(later, IBAN, before=before, decision="dec_2")
    await again.begin(store, "t")
    await again.answered(store, "t", [Said("d")], [], SECRET)
    last = await recalled(store, "t", known(user("a"), assistant("b"), user("c"), assistant("d"), user("e")))
    assert last.origins == before.origins


async def test_what_is_carried_already_is_not_written_again(store, monkeypatch):
    memory = remembering(known(user("a")), IBAN)
    await memory.begin(store, "t")
    await memory.answered(store, "t", [Said("b")], [], SECRET)
    later = known(user("a"), assistant("b"), user("c"))
    again = remembering(later, IBAN, before=await recalled(store, "t", later))
    written = []
    monkeypatch.setattr(store, "add", lambda *args: written.append(args))
    await again.begin(store, "t")
    await again.answered(store, "t", [Said("d")], [], SECRET)
    assert written == []


async def test_an_answer_that_carries_nothing_takes_no_others_label(store):
    """Two callers of the same words: one got an answer with an address, the other did not."""
    for said, parts in (("Hi", []), ("Write to us", [MAIL])):
        memory = remembering(known(user("a")))
        await memory.begin(store, "t")
        await memory.answered(store, "t", [Said(said)], parts, SECRET)
    assert (await recalled(store, "t", known(user("a"), assistant("Hi"), user("c")))).parts == ()
    assert (await recalled(store, "t", known(user("a"), assistant("Write to us"), user("c")))).parts != ()
    assert (await recalled(store, "t", known(user("a"), assistant("(shortened)"), user("c")))).parts != ()


async def test_each_of_several_choices_is_an_answer(store):
    memory = remembering(known(user("a")), IBAN)
    await memory.answered(store, "t", [Said("b"), Said("x")], [], SECRET)
    for text in ("b", "x"):
        assert (await recalled(store, "t", known(user("a"), assistant(text), user("c")))).parts != ()


async def test_what_is_found_later_is_kept_before_the_next_attempt(store):
    memory = remembering(known(user("a"), session="s"))
    await memory.begin(store, "t")
    memory.learn([IBAN])
    await memory.begin(store, "t")
    assert (await recalled(store, "t", known(user("b"), session="s"))).parts == (Part("iban", IBAN.label),)
