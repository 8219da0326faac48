"""What the egress reads, and by whose policy."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fakes import CHAT, PdfReader, closed, local, pdf_part, policy
from support.replacing import replace

from gateway import scanning
from gateway.domain.exceptions import PolicyException
from gateway.domain.label import Category, DataClass, Label
from gateway.egress import screen
from gateway.egress.screen import Screen, Seen, callers_part, steers
from gateway.sensitivity.result import Document
from gateway.sensitivity.scan import scanner_for
from gateway.ticket.claims import Claims
from gateway.wire.body import serialise

pytestmark = pytest.mark.anyio

PCI = Label(DataClass.RESTRICTED, frozenset({Category.PCI}))
NUMBER = "4539 1488 0343 6467"
PLANTED = [NUMBER, "write to ann@blue-heron.net", "-----BEGIN RSA PRIVATE KEY-----", "DE89 3704 0044 0532 0130 00"]


def claims(label=Label(), **more) -> Claims:
    return Claims("j", "d", "a", "away", label, "p", "POST", "/", "b", "h", "egr", 1.0, team="t", **more)


def body(text=NUMBER, **more) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}], **more}).encode()


def seen_by(snapshot, now=1000.0, **more) -> Screen:
    return Screen(lambda: snapshot, 64, lambda: now, **more)


async def look(body, claimed=None, snapshot=None, **more) -> Seen:
    snapshot = snapshot or policy()
    return await seen_by(snapshot, **more).look(claimed or claims(), snapshot.targets["away"], body)


@pytest.mark.parametrize("padding", [0, scanning.INLINE_BYTES])
@pytest.mark.parametrize(
    ("label", "code"),
    [
        (Label(), "higher_class"),
        (Label(DataClass.RESTRICTED), "higher_class"),
        (replace(PCI, data_class=DataClass.CONFIDENTIAL), "higher_class"),
        (PCI, ""),
        (PCI.join(Label(regions=frozenset({"eu"}))), ""),
    ],
)
async def test_the_tickets_label_must_cover_what_is_found(label, code, padding):
    took = []
    seen = await look(body(NUMBER + " " * padding), claims(label), took=took.append)
    assert (seen.code, seen.found.data_class) == (code, DataClass.RESTRICTED)
    assert len(took) == 1


async def test_over_the_deadline_nothing_leaves(monkeypatch):
    monkeypatch.setattr(scanning, "SCAN_SECONDS", 0.01)
    monkeypatch.setattr(screen, "scanner_for", lambda _: Slow())
    assert (await look(body("x" * scanning.INLINE_BYTES), claims(PCI))).code == "rescan_timeout"


async def test_of_what_is_masked_not_one_value_may_be_left_however_many_it_takes_otherwise():
    away = closed("away", clearance={"max": "internal", "mask": ["email"]})
    detectors = [{"kind": "email", "min_distinct": 5}, {"kind": "phone", "min_distinct": 5}]
    snapshot = policy(targets=[local("home"), away], sensitivity={"detectors": detectors})
    mail, phone = body("write to ann.miller@corp-mail.de"), body("call +49 170 1234567")

    assert (await look(mail, claims(), snapshot)).code == ""
    assert (await look(mail, claims(masked=True), snapshot)).code == "higher_class"
    assert (await look(phone, claims(masked=True), snapshot)).code == ""


class Slow:
    def scan(self, *_, **__):
        time.sleep(0.2)


class Broken:
    def scan(self, *_, **__):
        raise RuntimeError("4539 1488 0343 6467")


async def test_a_scanner_that_fails_lets_nothing_leave(monkeypatch):
    monkeypatch.setattr(screen, "scanner_for", lambda _: Broken())
    assert await look(body("x"), claims(PCI)) == Seen(code="rescan_failed")
    observed = policy(sensitivity={"mode": "observe"})
    assert await look(body("x"), claims(PCI), observed) == Seen(observed=True)


async def test_an_observed_team_is_let_go_but_not_with_what_is_no_matter_of_labels():
    observed = policy(sensitivity={"mode": "observe"})
    assert (await look(body(), snapshot=observed)).observed
    assert (await look(body("x"), snapshot=observed)) == Seen(Label())
    assert (await look(body(models=["x"]), snapshot=observed)).code == "vendor_routing"
    assert (await look(b"{", snapshot=observed)).code == "malformed_body"


def excused(**changes):
    exception = PolicyException("test-cards", "o", "r", frozenset({"t"}), 0, 2000, frozenset({"credit_card"}))
    snapshot = policy()
    team = replace(snapshot.teams["t"], exceptions=(replace(exception, **changes),))
    return replace(snapshot, teams={"t": team})


@pytest.mark.parametrize(
    ("changes", "claimed", "excepted"),
    [
        ({}, ("test-cards",), True),
        ({}, (), False),
        ({}, ("another",), False),
        ({"end": 1000}, ("test-cards",), False),
        ({"teams": frozenset({"u"})}, ("test-cards",), False),
        ({"detectors": frozenset({"email"})}, ("test-cards",), False),
    ],
)
async def test_an_exception_counts_if_the_ticket_claims_it_and_it_holds_here_and_now(changes, claimed, excepted):
    seen = await look(body(), claims(exceptions=claimed), excused(**changes))
    assert seen.code == ("" if excepted else "higher_class")
    assert seen.exceptions == (("test-cards",) if excepted else ())


@pytest.mark.parametrize(
    ("tree", "params", "steered"),
    [
        ({"models": ["x"]}, {}, True),
        ({"extra_body": {"route": "x"}}, {}, True),
        ({"provider": {"only": ["a"]}}, {"set": {"provider": {"only": ["a"]}}}, False),
        ({"provider": {"only": ["b"]}}, {"set": {"provider": {"only": ["a"]}}}, True),
        ({"tools": [{"type": "function"}]}, {}, False),
        ({"tools": [{"type": "mcp"}]}, {}, True),
        ({"messages": [{"models": ["x"]}], "metadata": {"route": "x"}}, {}, False),
    ],
)
def test_a_field_that_sends_a_body_on_is_let_go_only_if_the_policy_put_it_there(tree, params, steered):
    snapshot = policy(targets=[local("home"), closed("away", params=params)])
    assert steers(tree, snapshot.targets["away"]) is steered


async def test_the_policys_own_words_are_not_held_against_the_caller():
    params = {"set": {"user": NUMBER}, "default": {"metadata": {"a": NUMBER}}}
    snapshot = policy(targets=[local("home"), closed("away", params=params, model=NUMBER)])
    tree = {"model": NUMBER, "user": NUMBER, "metadata": {"a": NUMBER}, "stop": "x"}
    assert callers_part(tree, snapshot.targets["away"]) == {"stop": "x"}
    assert (await look(json.dumps(tree).encode(), snapshot=snapshot)).code == ""
    assert (await look(json.dumps(tree | {"metadata": {"a": NUMBER, "b": 1}}).encode(), snapshot=snapshot)).code


async def test_it_tells_whether_a_vendor_would_fetch_something():
    part = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    seen = await look(json.dumps({"messages": [{"content": [part]}]}).encode(), claims(Label(DataClass.RESTRICTED)))
    assert (seen.code, seen.fetches) == ("", True)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8"), max_size=20)
    | st.sampled_from(PLANTED),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["user", "stop", "tools", "metadata", "x", "stream"]), VALUES), VALUES)
async def test_what_the_edge_labelled_is_not_found_higher_by_the_egress(fields, content):
    """The same text, the same policy: a refusal would be a false alarm of ours."""
    snapshot = policy()
    tree = {"model": "auto", "messages": [{"role": "user", "content": content}], **fields}
    label = scanner_for(snapshot.sensitivity).scan(tree).label
    body = serialise(CHAT.prepare(tree, snapshot.targets["away"].model))
    assert (await look(body, claims(label), snapshot)).code == ""


@pytest.mark.parametrize(
    ("text", "code"), [("hello", ""), (NUMBER, "higher_class"), (Document(why="late"), "higher_class")]
)
async def test_a_pdf_is_read_again_here_and_not_taken_on_the_edges_word(text, code):
    content = {"messages": [{"role": "user", "content": [pdf_part(b"%PDF-1")]}]}
    reader = PdfReader({b"%PDF-1": text})
    claimed = claims(Label(DataClass.INTERNAL))
    assert (await look(json.dumps(content).encode(), claimed, documents=reader)).code == code
    assert (await look(json.dumps(content).encode(), claimed)).code == "higher_class"  # nobody reads it
