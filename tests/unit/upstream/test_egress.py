"""The edge's way to vendors, against a scripted egress on a real socket."""

from contextlib import suppress

import orjson
import pytest
from support.fakes import Clock, policy
from support.loopback import Script, response, serving
from support.replacing import replace

from gateway.domain.label import DataClass, Label
from gateway.ports import UpstreamBroken, UpstreamCall
from gateway.ticket.claims import Sending, TicketKey, verify
from gateway.upstream.egress import EgressUpstream
from gateway.upstream.pool import Server, tcp_dialer

pytestmark = pytest.mark.anyio

KEY = TicketKey("k", b"s" * 32)
CALL = UpstreamCall(
    target=policy().targets["away"],
    endpoint="https://api.openai.com/v1",
    path="/v1/chat/completions",
    body=b'{"a":1}',
    headers={"content-type": "application/json", "accept": "x", "cookie": "not forwarded"},
    label=Label(DataClass.INTERNAL),
    policy="p",
    decision="dec_1",
    attempt="att_1",
    connect_timeout=5.0,
)
VENDOR = response(b"hello", headers=b"x-egress-outcome: vendor\r\n")


def status(instance: str = "egr_1", credentials: tuple[str, ...] = ("away",)) -> bytes:
    return response(orjson.dumps({"instance": instance, "credentials": credentials}))


def refused(code: str) -> bytes:
    return response(b"", status=b"403 Forbidden", headers=b"x-egress-outcome: refused:%s\r\n" % code.encode())


def script(*answers: bytes, statuses: tuple[bytes, ...] = ()) -> Script:
    """Answer GET with the statuses and POST with the answers, one after another; an empty one closes."""
    left = {"GET": list(statuses or (status(),)), "POST": list(answers)}

    async def run(wire, reader, writer, _):
        while True:
            method = (await wire.request(reader)).split(b" ")[0].decode()
            answer = left[method].pop(0) if len(left[method]) > 1 or method == "POST" else left[method][0]
            if not answer:
                return
            writer.write(answer)

    return run


def to(wire, keep=lambda _: None) -> EgressUpstream:
    async def numeric(host, port):
        return [host]

    numbers = iter(range(1, 1000))
    return EgressUpstream(
        tcp_dialer(Server.parse(wire.url), numeric), KEY, Clock(), lambda n: next(numbers).to_bytes(n, "big"), keep
    )


async def ask(upstream: EgressUpstream, call: UpstreamCall = CALL) -> bytes:
    async with upstream.open(call) as answer:
        return b"".join([piece async for piece in answer.chunks()])


def tickets(wire) -> list[str]:
    lines = [line for request in wire.heard for line in request.decode("latin-1").split("\r\n")]
    return [line.partition(": ")[2] for line in lines if line.startswith("x-gateway-ticket")]


async def failure(*answers: bytes, **more) -> UpstreamBroken:
    async with serving(script(*answers, **more)) as wire:
        upstream = to(wire)
        with pytest.raises(UpstreamBroken) as caught:
            await ask(upstream)
        upstream.close()
        return caught.value


@pytest.mark.parametrize(("replies", "warm"), [((False,), False), ((False, True), True), ((True, False), True)])
async def test_an_egress_is_warm_once_it_has_said_so(replies, warm):
    here = [orjson.dumps({"instance": "egr_1", "credentials": [], "warm": one}) for one in replies]
    async with serving(script(statuses=tuple(response(one) for one in here))) as wire:
        upstream = to(wire)
        for _ in replies:
            await upstream.refresh(5.0)
        upstream.close()

    assert (upstream.warm, upstream.credentials) == (warm, frozenset())


async def test_each_call_carries_a_ticket_for_its_body_and_label_good_at_this_instance():
    async with serving(script(VENDOR, VENDOR)) as wire:
        upstream = to(wire)
        assert await ask(upstream) == b"hello"
        await ask(upstream)
        one, two = tickets(wire)
        sending = Sending("POST", CALL.path, CALL.body, CALL.headers)
        claims = verify(one, [KEY], sending, "egr_1", Clock().wall_ns() / 1e9)
        assert (claims.target, claims.label, claims.decision, claims.attempt) == ("away", CALL.label, "dec_1", "att_1")
        assert claims.jti != verify(two, [KEY], sending, "egr_1", Clock().wall_ns() / 1e9).jti
        assert upstream.credentials == {"away"}
        assert wire.connections == 1
        upstream.close()


@pytest.mark.parametrize("code", ["wrong_audience", "unknown_key"])
async def test_an_egress_that_was_restarted_gets_a_ticket_of_its_own(code):
    async with serving(script(refused(code), VENDOR, statuses=(status("egr_1"), status("egr_2")))) as wire:
        upstream = to(wire)
        assert await ask(upstream) == b"hello"
        sending = Sending("POST", CALL.path, CALL.body, CALL.headers)
        assert verify(tickets(wire)[1], [KEY], sending, "egr_2", Clock().wall_ns() / 1e9)
        upstream.close()


async def test_one_that_refuses_twice_is_not_asked_again():
    broken = await failure(refused("wrong_audience"), refused("wrong_audience"))
    assert (broken.detail, broken.sent, broken.egress) == ("wrong_audience", False, True)


@pytest.mark.parametrize("code", ["under_cleared", "no_credentials", "replayed", "bad_signature", "too_large"])
async def test_a_refusal_is_the_egresss_and_nothing_was_sent(code):
    broken = await failure(refused(code))
    assert (broken.detail, broken.sent, broken.egress) == (code, False, True)


@pytest.mark.parametrize(("code", "sent"), [("vendor_broken", True), ("vendor_unreachable", False)])
async def test_a_vendor_that_failed_is_the_vendors(code, sent):
    broken = await failure(refused(code))
    assert (broken.sent, broken.egress) == (sent, False)


async def test_an_answer_that_nobody_signed_for_is_not_the_vendors():
    broken = await failure(response(b"hello"))
    assert (broken.detail, broken.egress) == ("the answer did not come from an egress", True)


async def test_an_egress_that_dies_in_the_middle_may_have_sent_it():
    broken = await failure(b"", b"")
    assert (broken.sent, broken.egress) == (True, True)


async def test_what_an_egress_may_have_read_before_it_ended_is_not_sent_again():
    kept = []
    async with serving(script(VENDOR, b"", VENDOR)) as wire:
        upstream = to(wire, kept.append)
        await ask(upstream)
        with pytest.raises(UpstreamBroken) as caught:  # on the kept connection, at once
            await ask(upstream)
        upstream.close()
    assert (caught.value.detail, caught.value.sent) == ("the egress ended before its answer came", True)
    assert len(tickets(wire)) == 2
    assert [record.entry.outcome for record in kept] == ["no_receipt", "no_answer"]


@pytest.mark.parametrize(
    "answer", [b"x", b"[]", b'{"instance":"x"}', b'{"credentials":[],"instance":7', b'{"instance":"x","credentials":7}']
)
async def test_nonsense_is_not_believed(answer):
    broken = await failure(VENDOR, statuses=(response(answer),))
    assert (broken.detail, broken.egress, broken.sent) == ("the egress sent an invalid answer", True, False)


async def test_an_egress_that_is_away_is_reported_and_what_it_had_is_forgotten():
    async with serving(script(VENDOR)) as wire:
        upstream = to(wire)
        await ask(upstream)
        upstream.close()
    with pytest.raises(UpstreamBroken) as caught:
        await ask(upstream, replace(CALL, connect_timeout=1.0))
    assert caught.value.egress
    assert not caught.value.sent
    with pytest.raises(UpstreamBroken):
        await upstream.refresh(1.0)
    assert upstream.credentials is None


async def receipts(*answers: bytes, call: UpstreamCall = CALL, **more) -> list[tuple[str, str]]:
    """What is kept of tickets: id's end and outcome."""
    kept = []
    async with serving(script(*answers, **more)) as wire:
        upstream = to(wire, kept.append)
        with suppress(UpstreamBroken):
            await ask(upstream, call)
        upstream.close()
    assert {record.decision for record in kept} == {"dec_1"}
    return [(record.id[-1:], record.entry.outcome) for record in kept]


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ((VENDOR,), ["no_receipt"]),
        ((refused("bad_signature"),), ["refused:bad_signature"]),
        ((refused("under_cleared"),), ["no_receipt"]),
        ((refused("wrong_audience"), VENDOR), ["refused:wrong_audience", "no_receipt"]),
        ((b"", b""), ["no_answer"]),
    ],
)
async def test_each_ticket_ends_as_one_record(answers, outcomes):
    assert [outcome for _, outcome in await receipts(*answers)] == outcomes


async def test_an_egress_that_is_away_is_kept_too():
    kept = []
    async with serving(script(VENDOR)) as wire:
        upstream = to(wire, kept.append)
    with pytest.raises(UpstreamBroken):
        await ask(upstream, replace(CALL, connect_timeout=1.0))
    assert [record.entry.outcome for record in kept] == ["no_egress"]


async def test_a_receipt_that_did_not_come_is_asked_for():
    kept, line = [], []

    async def run(wire, reader, writer, number):
        while True:
            asked = await wire.request(reader)
            if asked.startswith(b"POST"):
                return
            writer.write(response(line[0]) if b"/internal/receipts/" in asked else status())

    async with serving(run) as wire:
        upstream = to(wire, kept.append)
        with pytest.raises(UpstreamBroken):
            await ask(upstream, replace(CALL, kind="retry", team="t", exceptions=("x",)))
        (given_up,) = kept
        line.append(replace(given_up.entry, outcome="sent").sealed(1, "p").line())
        await upstream.refresh(5.0)
        await upstream.refresh(5.0)
        upstream.close()
    assert [(record.id.endswith("?"), record.entry.outcome) for record in kept] == [
        (True, "no_answer"),
        (False, "sent"),
    ]
    assert (given_up.entry.attempt_kind, given_up.entry.team) == ("retry", "t")
