from functools import partial

import anyio
import pytest
from support.fakes import CARD, USD, Clock, Fakes, ask, budget, closed, inbound, local, policy
from support.replacing import replace

from gateway.domain.label import DataClass
from gateway.pipeline.gather import gather
from gateway.pipeline.label import labelled
from gateway.pipeline.request import LONGEST_TASK, request_of, task_of
from gateway.pipeline.salt import Salt
from gateway.pipeline.standing import standing
from gateway.ports import Principal
from gateway.stores.sessions.memory import MemorySessions

SALT = Salt(b"salt")


def facts(body=None, *, team="t", snapshot=None, **headers: str):
    snapshot = snapshot or policy()
    call = inbound(body, **headers)
    request = request_of(call, Principal("k", team), snapshot.teams[team], snapshot, ask() if body is None else body)
    found = anyio.run(partial(labelled, request, MemorySessions(Clock()), SALT, keep=True))
    fakes = Fakes(snapshot=snapshot, spent={"t": USD - 7}, changes={"salt": SALT})
    fakes.board.latency = (("home", 5),)
    task = task_of(request)
    return gather(request, task, found, standing(request, task, fakes.world), SALT)


def test_people_and_conversations_are_hashes():
    seen = facts(ask("Hello", user="ann"), x_gateway_session="s-1")
    assert all(len(value) == 16 and int(value, 16) >= 0 for value in (seen.user, seen.session, seen.conversation))


def test_who_says_nothing_has_none():
    assert (facts().user, facts().session) == ("", "")


def test_a_conversation_is_its_opening_and_not_its_later_turns():
    more = ask("Hello")
    more["messages"] += [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]
    assert facts(ask("Hello")).conversation == facts(more).conversation != facts(ask("Bye")).conversation


@pytest.mark.parametrize("name", ["x_gateway_session", "x_claude_code_session_id", "session_id"])
def test_a_session_is_taken_from_any_of_its_headers(name):
    assert facts(**{name: "s"}).session == SALT.hash("session", "t", "s")


def test_else_from_the_body_and_the_header_goes_first():
    body = ask(conversation="b")
    assert facts(body).session == SALT.hash("session", "t", "b")
    assert facts(body, x_gateway_session="h").session == SALT.hash("session", "t", "h")


def test_a_task_is_a_word_not_a_text():
    assert facts(x_gateway_task=" code ").task == "code"
    assert facts().task == "other"
    assert len(facts(x_gateway_task="x" * 5000).task) == LONGEST_TASK


def test_a_budget_counts_only_for_who_has_one():
    assert facts().budget_left_nanos is None
    assert facts(snapshot=policy(teams=budget(1))).budget_left_nanos == 7


def test_latency_is_gathered_only_if_the_policy_orders_by_it():
    assert facts().latency_ms == ()
    assert facts(snapshot=replace(policy(), orders_by_latency=True)).latency_ms == (("home", 5),)


def test_the_hour_is_utc():
    assert 0 <= facts().hour < 24
    assert facts().weekday == 2


def test_what_makes_up_the_label_is_gathered_only_if_a_target_may_mask():
    assert facts(ask(CARD)).parts == ()
    masking = policy(targets=[local("home"), closed("away", clearance={"max": "internal", "mask": ["email"]})])
    seen = facts(ask(CARD), snapshot=masking)
    assert [part.kind for part in seen.parts] == ["credit_card"]
    assert (seen.floor.data_class, seen.label.data_class) == (DataClass.PUBLIC, DataClass.RESTRICTED)
