"""The egress as ASGI: refusals are reported by code, what is sent comes back as bytes, and both are in the chain."""

import io
import json
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from support.asgi import Call
from support.fakes import closed, local, policy
from support.replacing import replace

from gateway.asgi import CutOff
from gateway.domain.chain import ChainEntry, genesis
from gateway.domain.label import DataClass, Label
from gateway.egress.admission import TicketGate
from gateway.egress.app import METRICS_PATH, RECEIPTS_PATH, STATUS_PATH, Egress
from gateway.egress.chain import Chain
from gateway.egress.outgoing import VendorAnswer, VendorBroken
from gateway.egress.screen import Screen
from gateway.telemetry.egress_metrics import EgressMetrics
from gateway.telemetry.logs import Log
from gateway.ticket.claims import Claims, TicketKey, body_hash, headers_hash, sign

pytestmark = pytest.mark.anyio

KEY = TicketKey("k", b"s" * 32)
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
BODY = b'{"a":1}'
TARGETS = [
    local("home"),
    closed("gpt"),
    closed("claude", kind="anthropic", api_key_env="VENDOR_KEY"),
    closed("other", kind="litellm", model="mistral/x"),
    closed("hosted", kind="sglang", api_base="https://hosted.example"),
]


@pytest.fixture(autouse=True)
def _directory(tmp_path):
    Scene.directory = tmp_path


class Way:
    """Answers with what it is given: pieces, exceptions, things to wait for."""

    def __init__(self, *pieces, before=None, status=200) -> None:
        self.pieces, self.before, self.status = pieces, before, status
        self.sent = []
        self.open_now = 0

    @asynccontextmanager
    async def send(self, outgoing):
        self.sent.append(outgoing)
        self.open_now += 1
        try:
            if self.before is not None:
                raise self.before
            yield VendorAnswer(self.status, [("content-type", "text/event-stream")], self._pieces())
        finally:
            self.open_now -= 1

    async def _pieces(self):
        for piece in self.pieces:
            if isinstance(piece, BaseException):
                raise piece
            if isinstance(piece, bytes):
                yield piece
            else:
                await piece()


class Scene:
    def __init__(self, way: Way | None = None, **changes) -> None:
        self.way = way or Way(b"one", b"two")
        self.out = io.StringIO()
        self.bridge = Way(b"bridged")
        document = {"targets": TARGETS, "models": [{"name": "auto", "candidates": ["home"]}], "rules": []}
        snapshot = policy(**document | changes)
        admission = TicketGate("egr_1", [KEY], lambda: snapshot, {"VENDOR_KEY": "sk-1"}, lambda: 1000.0)
        self.metrics = EgressMetrics()
        screen = Screen(lambda: snapshot, 64, lambda: 1000.0, self.metrics.rescanned)
        self.chain = Chain(Path(tempfile.mkdtemp(dir=self.directory)) / "egress", "egr_1", lambda: 7)
        self.app = Egress(
            admission, screen, self.chain, self.way, self.bridge, self.metrics, 300, Log("egress", self.out)
        )
        self.number = 0

    @property
    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    directory: Path

    @property
    def entries(self) -> list[ChainEntry]:
        """What the chain's file holds; it must hold together."""
        found = [ChainEntry.read(line) for line in self.chain.path.read_bytes().splitlines()]
        assert [one.seq for one in found] == list(range(1, len(found) + 1))
        assert [one.prev for one in found] == [genesis("egr_1"), *[one.hash for one in found[:-1]]][: len(found)]
        assert all(one.whole for one in found)
        return found

    def call(
        self,
        target="gpt",
        path=CHAT,
        body=BODY,
        *,
        ticket=True,
        headers=(),
        label=DataClass.PUBLIC,
        made_for=None,
        claimed=(),
        **more,
    ) -> Call:
        self.number += 1
        claims = Claims(
            jti=str(self.number),
            decision="d",
            attempt="a",
            target=target,
            label=Label(label),
            policy="p",
            method="POST",
            path=path,
            body_sha256=body_hash(BODY if made_for is None else made_for),
            headers_sha256=headers_hash({"accept": "application/json"}),
            audience="egr_1",
            expires=1030.0,
            team="t",
            kind="retry",
            exceptions=claimed,
        )
        sent = [(b"accept", b"application/json"), (b"cookie", b"c"), *headers]
        if ticket:
            sent.append((b"x-gateway-ticket", sign(claims, KEY).encode()))
        return Call("POST", path, body, sent, **more)

    async def post(self, *args, **more) -> Call:
        return await self.call(*args, **more).to(self.app)


async def test_what_a_ticket_allows_is_sent_and_the_answer_comes_back_as_bytes():
    scene = Scene()
    call = await scene.post()
    assert (call.status, call.body, call.complete) == (200, b"onetwo", True)
    receipt = call.headers.pop("x-egress-receipt")
    assert call.headers == {"content-type": "text/event-stream", "x-egress-outcome": "vendor"}
    assert [ChainEntry.from_receipt(receipt)] == scene.entries
    (outgoing,) = scene.way.sent
    assert (outgoing.target.id, outgoing.credential, outgoing.body, outgoing.attempt) == ("gpt", "sk-1", BODY, "a")
    assert outgoing.headers == {"accept": "application/json"}
    assert b'gateway_egress_sent_total{status="200",target="gpt"} 1.0' in scene.metrics.render()


@pytest.mark.parametrize(
    ("target", "path", "bridged"),
    [
        ("gpt", CHAT, False),
        ("claude", MESSAGES, False),
        ("other", CHAT, True),
        ("hosted", CHAT, False),
        ("hosted", MESSAGES, False),
    ],
)
async def test_a_vendor_that_speaks_the_dialect_gets_bytes_and_one_that_speaks_none_is_bridged(target, path, bridged):
    scene = Scene()
    await scene.post(target, path)
    assert (len(scene.bridge.sent), len(scene.way.sent)) == ((1, 0) if bridged else (0, 1))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"ticket": False}, "missing"),
        ({"headers": [(b"x-gateway-ticket", b"a.b.\xff")], "ticket": False}, "unknown_key"),
        ({"headers": [(b"x-gateway-ticket", b"k.b.\xff")], "ticket": False}, "bad_signature"),
        ({"body": b"{}"}, "altered"),
        ({"target": "home"}, "unknown_target"),
        ({"label": DataClass.RESTRICTED}, "under_cleared"),
        ({"path": "/v1/embeddings"}, "unknown_path"),
        ({"target": "gpt", "path": MESSAGES}, "unknown_path"),
        ({"target": "claude", "path": CHAT}, "unknown_path"),
        ({"target": "other", "path": MESSAGES}, "unknown_path"),
        ({"body": b"x" * 301}, "too_large"),
        ({"body": [b"x" * 160] * 2}, "too_large"),
    ],
)
async def test_a_refusal_is_reported_by_its_code_and_nothing_is_sent(how, code):
    scene = Scene()
    call = await scene.post(**how)
    assert (call.status, call.headers["x-egress-outcome"], call.body) == (403, f"refused:{code}", b"")
    assert not scene.way.sent
    assert b'gateway_egress_refused_total{code="%s"} 1.0' % code.encode() in scene.metrics.render()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD"])
async def test_any_other_method_takes_a_ticket_too(method):
    assert (await Call(method, CHAT).to(Scene().app)).status == 403


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VendorBroken("x"), "vendor_broken"),
        (VendorBroken("x", reached=False), "vendor_unreachable"),
        (ValueError("secret"), "internal_error"),
    ],
)
async def test_a_vendor_that_fails_before_its_answer_is_reported_by_a_code(error, code):
    call = await Scene(Way(before=error)).post()
    assert (call.status, call.headers["x-egress-outcome"], call.body) == (403, f"refused:{code}", b"")


@pytest.mark.parametrize("error", [VendorBroken("x"), ValueError("secret")])
async def test_one_that_fails_in_the_middle_is_cut_off_and_its_words_are_not_raised(error):
    error.__cause__ = RuntimeError("secret words of a vendor")
    scene = Scene(Way(b"one", error))
    call = scene.call()
    with pytest.raises(CutOff) as caught:
        await call.to(scene.app)
    assert caught.value.__suppress_context__
    assert "secret" not in scene.out.getvalue()
    assert not call.complete
    assert scene.way.open_now == 0


SECRET = "the prompt was: top secret"


async def test_a_fault_of_the_screen_is_a_refusal_that_is_written_down_and_logged_without_its_message(monkeypatch):
    async def look(*_):
        raise KeyError(SECRET)

    monkeypatch.setattr(Screen, "look", look)
    scene = Scene()
    call = await scene.post()

    assert (call.status, call.headers["x-egress-outcome"], call.body) == (403, "refused:internal_error", b"")
    assert [one.outcome for one in scene.entries] == ["refused:internal_error"]
    assert ChainEntry.from_receipt(call.headers["x-egress-receipt"]) == scene.entries[0]
    assert not scene.way.sent
    ((event, kind),) = [(line["event"], line["kind"]) for line in scene.log]
    assert (event, kind) == ("internal_error", "KeyError")
    assert SECRET not in scene.out.getvalue()


@pytest.mark.parametrize("place", ["_admit", "_entry", "_way"])
async def test_any_other_fault_is_a_refusal_too_and_never_reaches_the_server(monkeypatch, place):
    def fail(*_):
        raise ValueError(SECRET)

    monkeypatch.setattr(Egress, place, fail)
    scene = Scene()
    call = await scene.post()

    assert (call.status, call.headers["x-egress-outcome"], call.body) == (403, "refused:internal_error", b"")
    assert not scene.way.sent
    assert [line["kind"] for line in scene.log] == ["ValueError"]
    assert SECRET not in scene.out.getvalue()
    assert b'gateway_egress_refused_total{code="internal_error"} 1.0' in scene.metrics.render()


async def test_a_fault_of_what_it_says_of_itself_is_a_refusal_too(monkeypatch):
    def fail(*_):
        raise ValueError(SECRET)

    monkeypatch.setattr(TicketGate, "ready_targets", fail)
    scene = Scene()

    assert (await Call("GET", STATUS_PATH).to(scene.app)).headers["x-egress-outcome"] == "refused:internal_error"
    assert SECRET not in scene.out.getvalue()


async def test_an_edge_that_hangs_up_stops_the_vendor():
    scene = Scene(Way(b"one", anyio.sleep_forever))
    call = scene.call()
    async with anyio.create_task_group() as group:
        group.start_soon(call.to, scene.app)
        while not call.body:
            await anyio.lowlevel.checkpoint()
        call.gone.set()
    assert scene.way.open_now == 0
    assert not call.complete


async def test_an_edge_that_hangs_up_before_its_body_is_forgotten():
    scene = Scene()
    call = scene.call(body=[b"{", b"}"], stays=False)
    call._messages.pop()
    await call.to(scene.app)
    assert call.status == 0


async def test_it_tells_its_name_and_for_what_it_has_keys():
    scene = Scene()
    assert (await Call("GET", STATUS_PATH).to(scene.app)).json == {
        "instance": "egr_1",
        "credentials": ["claude", "gpt", "hosted", "other"],
        "warm": True,
    }
    assert b"gateway_egress" in (await Call("GET", METRICS_PATH).to(scene.app)).body
    assert (await Call("GET", "/livez").to(scene.app)).json == {"status": "alive"}
    assert (await Call("GET", "/readyz").to(scene.app)).json == {"status": "ready"}
    assert (await Call("GET", CHAT).to(scene.app)).status == 404
    await scene.app({"type": "lifespan"}, None, None)


async def test_an_egress_that_runs_alone_says_which_policy_waits_but_not_the_words_of_its_fault():
    scene = Scene()
    waiting = {"state": "held", "policy": "def", "do": "accept it"}
    state = {"hash": "abc", "in_force": False, "problem": "p.yaml:1: wrong", "waiting": waiting}
    scene.app = replace(scene.app, policy_state=lambda: state)

    answer = await Call("GET", "/readyz").to(scene.app)
    assert answer.status == 200
    assert answer.json["policy"] == {"hash": "abc", "in_force": False, "waiting": waiting}


async def test_it_is_not_ready_while_a_call_would_wait_for_an_import():
    scene = Scene()
    scene.app = replace(scene.app, warm=lambda: False)

    assert (await Call("GET", STATUS_PATH).to(scene.app)).json["warm"] is False
    assert (await Call("GET", "/readyz").to(scene.app)).status == 503
    assert (await Call("GET", "/livez").to(scene.app)).status == 200
    assert (await scene.post()).status == 200


CARD = json.dumps({"messages": [{"role": "user", "content": "4539 1488 0343 6467"}]}).encode()
OPEN = [local("home"), closed("gpt", clearance="restricted")]


def sent(scene, body, **more):
    return scene.post(body=body, made_for=body, **more)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (CARD, "higher_class"),
        (b'{"a":1,"a":2}', "malformed_body"),
        (b"[1]", "malformed_body"),
        (b'{"models":["x"]}', "vendor_routing"),
        (b'{"extra_body":{"route":"fallback"}}', "vendor_routing"),
        (b'{"tools":[{"type":"mcp","server_url":"https://x.example"}]}', "vendor_routing"),
        (
            b'{"messages":[{"content":[{"type":"image_url","image_url":{"url":"http://169.254.169.254/"}}]}]}',
            "private_address",
        ),
        (b'{"messages":[{"content":[{"type":"input_audio"}]}]}', "higher_class"),
    ],
)
async def test_a_forged_body_with_a_good_ticket_does_not_leave(body, code):
    scene = Scene()
    call = await sent(scene, body, label=DataClass.INTERNAL)
    assert call.headers["x-egress-outcome"] == f"refused:{code}"
    assert not scene.way.sent
    (entry,) = scene.entries
    assert entry == ChainEntry.from_receipt(call.headers["x-egress-receipt"])
    assert (entry.outcome, entry.target, entry.ticket, entry.size) == (f"refused:{code}", "gpt", "1", len(body))
    assert b"4111" not in scene.chain.path.read_bytes()


async def test_a_body_of_its_tickets_class_leaves_and_the_entry_says_both():
    scene = Scene(targets=OPEN)
    call = await sent(scene, CARD, label=DataClass.RESTRICTED)
    assert call.headers["x-egress-outcome"] == "refused:higher_class"  # the card's category is not in the ticket
    scene = Scene(targets=OPEN, sensitivity={"detectors": [{"kind": "credit_card", "enabled": False}]})
    assert (await sent(scene, CARD, label=DataClass.RESTRICTED)).status == 200
    assert [(one.data_class, one.found, one.attempt_kind) for one in scene.entries] == [
        ("restricted", "public", "retry")
    ]


async def test_a_team_that_is_observed_is_let_go_and_it_is_written_down():
    scene = Scene(sensitivity={"mode": "observe"})
    assert (await sent(scene, CARD)).status == 200
    assert (await sent(scene, CARD, label=DataClass.RESTRICTED)).status == 200
    assert [(one.outcome, one.observed, one.found) for one in scene.entries] == [("sent", True, "restricted")] * 2
    assert b'gateway_egress_observed_total{target="gpt"} 2.0' in scene.metrics.render()


async def test_nothing_leaves_that_cannot_be_written_down():
    scene = Scene()
    scene.chain.path.parent.write_text("a file where the directory should be")
    call = await scene.post()
    assert call.headers["x-egress-outcome"] == "refused:chain_unavailable"
    assert "x-egress-receipt" not in call.headers
    assert not scene.way.sent
    scene.chain.path.parent.unlink()
    assert (await scene.post()).status == 200


async def test_an_edge_that_hung_up_can_ask_for_its_receipt():
    scene = Scene(Way(before=VendorBroken("x")))
    call = await scene.post()
    line = (await Call("GET", RECEIPTS_PATH + "1").to(scene.app)).body
    assert ChainEntry.read(line) == ChainEntry.from_receipt(call.headers["x-egress-receipt"]) == scene.entries[0]
    assert scene.entries[0].sent
    assert (await Call("GET", RECEIPTS_PATH + "2").to(scene.app)).status == 404


async def test_a_call_that_nobody_may_make_leaves_no_entry():
    scene = Scene()
    await scene.post(ticket=False)
    assert not scene.chain.path.exists()


async def test_an_edge_that_hangs_up_while_its_body_is_read_leaves_an_entry_and_nothing_else(monkeypatch):
    scene = Scene()
    reading = anyio.Event()

    async def look(*_):
        reading.set()
        await anyio.sleep_forever()

    monkeypatch.setattr(Screen, "look", look)
    call = scene.call()
    async with anyio.create_task_group() as group:
        group.start_soon(call.to, scene.app)
        await reading.wait()
        call.gone.set()
    assert [one.outcome for one in scene.entries] == ["refused:hung_up"]
    assert not scene.way.sent


@pytest.mark.parametrize(("target", "outcome"), [("gpt", "sent"), ("other", "refused:remote_fetch")])
async def test_what_a_bridge_would_fetch_itself_does_not_go_over_it(target, outcome):
    scene = Scene(sensitivity={"mode": "observe"})
    part = b'{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}'
    await sent(scene, b'{"messages":[{"role":"user","content":[%s]}]}' % part, target=target)
    assert [one.outcome for one in scene.entries] == [outcome]
    assert not scene.bridge.sent
