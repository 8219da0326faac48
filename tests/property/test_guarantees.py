"""The promises of DESIGN §7, under random policies, texts, faults and hang-ups, through the whole pipeline."""

import json

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fakes import (
    Client,
    Fakes,
    FakeUpstream,
    Reply,
    ask,
    chunk,
    closed,
    completion,
    inbound,
    local,
    policy,
    stream,
    whole,
)

from gateway.pipeline.handle import handle
from gateway.ports import UpstreamBroken

CARD = "4539 1488 0343 6467"
SECRET = "sk-ant-api03-" + "GEZDGNBVGY3TQOJQGEZDGNBV7K2mQ9wZ"
TEXTS = {
    "public": "Hello",
    "confidential": "Write to ann@blue-heron.net",
    "restricted": f"Charge {CARD}",
    "secret": SECRET,
}
CLASSES = ["public", "internal", "confidential", "restricted"]
NAMES = ["a", "b", "c", "d"]


@st.composite
def policies(draw):
    """One to four targets of any zone and clearance, any order of rules, a budget or none."""
    names = NAMES[: draw(st.integers(1, 4))]
    targets = []
    for name in names:
        make = draw(st.sampled_from([local, closed]))
        forbid = draw(st.lists(st.sampled_from(["pci", "secret", "pii"]), unique=True, max_size=2))
        targets.append(make(name, clearance={"max": draw(st.sampled_from(CLASSES)), "forbid": forbid}))
    rules = [{"kind": "capability"}, {"kind": "prefer", "by": "order", "order": draw(st.permutations(names))}]
    if draw(st.booleans()):
        rules.append({"kind": "deny", "id": "no", "targets": [draw(st.sampled_from(names))]})
    budget = draw(st.sampled_from([None, "reject", "local_only"]))
    team = {"id": "t", "default_class": draw(st.sampled_from(CLASSES[:3]))}
    if budget:
        usd = draw(st.sampled_from([0.0001, 0.01, 1]))
        team["budget"] = {"usd": usd, "covers": draw(st.sampled_from(["closed", "all"])), "on_exhausted": budget}
        rules += [{"kind": "budget"}] * draw(st.integers(0, 1))
    return policy(targets=targets, models=[{"name": "auto", "candidates": names}], rules=rules, teams=[team])


def replies(stream_asked):
    """One answer of an upstream, good or bad, in the form that was asked for."""
    good = stream(chunk("Hi"), chunk(finish="stop"), b"data: [DONE]\n\n") if stream_asked else whole(completion())
    half = stream(chunk("Hi"), UpstreamBroken("cut", sent=True)) if stream_asked else whole({"object": "error"})
    return st.sampled_from(
        [
            good,
            half,
            whole({"error": {"message": "no"}}, status=500),
            whole({"error": {"message": "slow down"}}, status=429),
            whole({"error": {"message": "who are you"}}, status=401),
            whole({"error": {"message": "bad"}}, status=400),
            stream(b'data: {"error": {"message": "The request queue is full.", "code": 503}}\n\n'),
            Reply(200, {"content-type": "text/html"}, (b"<html>",)),
            Reply(before=UpstreamBroken("refused", sent=False)),
            Reply(before=UpstreamBroken("broken", sent=True)),
            Reply(before=anyio.sleep_forever),
        ]
    )


@st.composite
def worlds(draw):
    snapshot = draw(policies())
    asked = draw(st.booleans())
    answers = {name: draw(st.lists(replies(asked), min_size=1, max_size=3)) for name in snapshot.targets}
    body = ask(draw(st.sampled_from(list(TEXTS.values()))), stream=asked, max_tokens=16)
    header = draw(st.sampled_from([None, *CLASSES, "nonsense"]))
    patience = draw(st.sampled_from([0.0, 0.01, 0.05]))
    return Fakes(snapshot=snapshot, upstream=FakeUpstream(**answers)), body, header, patience


def run(fakes, body, header, patience):
    """Serve one call to a client that hangs up after a while; a hanging upstream is not waited for."""
    headers = {"x-gateway-data-class": header} if header else {}
    client = Client()

    async def call():
        with anyio.move_on_after(patience or None if patience else 0.05):
            await handle(inbound(body, **headers), fakes.world, client)

    anyio.run(call)
    return client


QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(worlds())
def test_no_attempt_ever_goes_to_a_target_that_may_not_see_the_label(world):
    fakes, body, header, patience = world
    run(fakes, body, header, patience)

    for call in fakes.upstream.calls:
        target = fakes.snapshot.targets[call.target.id]
        assert target.clearance.refusal(call.label, target.region) is None
        assert call.target.id in {entry["target"] for entry in fakes.spool.decision.decision["ranked"]}
    for request in fakes.upstream.calls:
        cleared = fakes.snapshot.targets[request.target.id].clearance
        sent = json.loads(request.body)["messages"][0]["content"]
        if CARD in sent or SECRET in sent:
            assert cleared.max.word == "restricted"
        if CARD in sent:
            assert "pci" not in cleared.forbid
        if SECRET in sent:
            assert "secret" not in cleared.forbid


@QUICK
@given(worlds())
def test_every_attempt_is_settled_once_and_every_decided_request_ends_once(world):
    fakes, body, header, patience = world
    client = run(fakes, body, header, patience)

    if not fakes.spool.kinds.count("decision"):  # the client hung up before there was one
        assert (fakes.spool.kinds, fakes.upstream.calls, client.status, fakes.held) == ([], [], 0, 0)
        return
    started = [record.id for record in fakes.spool.started]
    settled = [record.id for record in fakes.spool.settled]
    assert sorted(started) == sorted(settled)
    assert len(set(started)) == len(started) == len(fakes.upstream.calls)
    assert fakes.spool.kinds.count("finished") == fakes.spool.kinds.count("decision") == 1
    assert fakes.spool.finished.cost == sum(record.cost for record in fakes.spool.settled)
    assert fakes.held == 0


@QUICK
@given(worlds())
def test_the_ledger_and_the_answer_hold_no_text(world):
    fakes, body, header, patience = world
    client = run(fakes, body, header, patience)

    from gateway.domain.records import encode

    written = b"".join(encode(record) for record in fakes.spool.records)
    assert CARD.encode() not in written + client.body
    assert SECRET.encode() not in written + client.body
