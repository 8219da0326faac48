"""The data plane as ASGI."""

import gzip
import io
import json

import anyio
import pytest
from support.asgi import Call
from support.fakes import DONE, KEY, ROLE, Fakes, FakeUpstream, ask, chunk, completion, stream, whole

from gateway.asgi import CutOff
from gateway.edge.app import COUNTING, DIALECTS, NOT_BUILT, Edge
from gateway.edge.health import Health
from gateway.edge.own import Own
from gateway.pipeline.world import Limits
from gateway.telemetry.logs import Log
from gateway.telemetry.metrics import EdgeMetrics

pytestmark = pytest.mark.anyio

BEARER = (b"authorization", f"Bearer {KEY}".encode())
CHAT = "/v1/chat/completions"


class Scene:
    def __init__(self, fakes: Fakes | None = None, find=lambda _: None) -> None:
        self.fakes = fakes or Fakes(upstream=FakeUpstream(home=whole()))
        self.ready = True
        self.out = io.StringIO()
        health = Health(
            lambda: 0.0, 0.0, needs_egress=False, egress_seen=bool, spool_ok=lambda: self.ready, recovered=True
        )
        world = self.fakes.world
        self.metrics = EdgeMetrics()
        self.edge = Edge(world, health, Own(world, find), self.metrics, Log("edge", self.out))

    async def post(self, body=None, path=CHAT, *headers, **more) -> Call:
        data = json.dumps(ask() if body is None else body).encode() if not isinstance(body, bytes | list) else body
        return await Call("POST", path, data, [BEARER, *headers], **more).to(self.edge)

    async def get(self, path, *headers, method="GET") -> Call:
        return await Call(method, path, headers=headers).to(self.edge)

    def internal_errors(self) -> float:
        return self.metrics.internal_errors._value.get()


async def test_a_call_is_served():
    scene = Scene()
    call = await scene.post()
    assert (call.status, call.json) == (200, completion())
    assert call.headers["x-gateway-decision-id"].startswith("dec_")
    assert scene.metrics.in_flight.value == 0


async def test_a_trace_goes_on():
    scene = Scene()
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await scene.post(None, CHAT, (b"traceparent", trace))
    assert scene.fakes.spool.decision.trace.trace == "0af7651916cd43dd8448eb211c80319c"


async def test_each_call_has_an_id_of_its_own():
    scene = Scene()
    ids = {(await scene.post()).headers["x-gateway-decision-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_who_has_no_key_is_refused_before_its_body_is_kept(monkeypatch):
    async def never(*_):
        raise AssertionError("the body was kept")

    monkeypatch.setattr("gateway.edge.app.read_body", never)
    call = await Call("POST", CHAT, b"{}", [(b"authorization", b"Bearer wrong")]).to(Scene().edge)
    assert (call.status, call.json["error"]["code"]) == (401, "not_authenticated")


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("gateway.edge.app.BODY_S", 0.0)
    call = Call("POST", CHAT, [b"{", b"}"], [BEARER])
    call._messages.pop()
    await call.to(Scene().edge)
    assert (call.status, call.json["error"]["code"]) == (400, "invalid_request")


class TestHangUp:
    """A client that goes stops what runs for it."""

    async def test_the_upstream_is_left_and_the_books_are_closed(self):
        scene = Scene(Fakes(upstream=FakeUpstream(home=stream(ROLE, chunk("x"), anyio.sleep_forever))))
        call = Call("POST", CHAT, json.dumps(ask(stream=True)).encode(), [BEARER])
        async with anyio.create_task_group() as group:
            group.start_soon(call.to, scene.edge)
            while not call.body:
                await anyio.lowlevel.checkpoint()
            call.gone.set()
        assert scene.fakes.upstream.open_now == 0
        assert scene.fakes.spool.finished.status == 499
        assert not call.complete

    async def test_before_the_body_is_there_nothing_happens(self):
        scene = Scene()
        call = Call("POST", CHAT, [b"{", b""], [BEARER], stays=False)
        call._messages.pop()
        await call.to(scene.edge)
        assert call.status == 0
        assert not scene.fakes.observer.refusals


class TestTooLarge:
    """Bodies within bounds."""

    def scene(self) -> Scene:
        fakes = Fakes(upstream=FakeUpstream(home=whole()))
        fakes.changes["limits"] = Limits(body_bytes=100)
        return Scene(fakes)

    @pytest.mark.parametrize("path", sorted(DIALECTS))
    @pytest.mark.parametrize("pieces", [[b"x" * 101], [b"x" * 60] * 2, [b"x" * 60] * 50])
    async def test_a_body_over_the_limit_is_a_413_in_the_callers_dialect(self, path, pieces):
        scene = self.scene()
        call = await scene.post(pieces, path)
        assert (call.status, call.json["error"]["code"]) == (413, "request_too_large")
        assert call.received == len(pieces)
        assert scene.fakes.observer.refusals == [(DIALECTS[path].name, "request_too_large", "")]

    async def test_its_length_is_enough(self):
        call = await self.scene().post(b"{}", CHAT, (b"content-length", b"101"))
        assert call.status == 413

    async def test_a_body_at_the_limit_is_taken(self):
        assert (await self.scene().post([b" " * 50, b" " * 50])).json["error"]["code"] == "invalid_request"


class TestBugs:
    """What nobody expected is an answer without details, a count and a line without content."""

    async def test_before_an_answer_it_is_a_500(self):
        scene = Scene()

        async def bug() -> None:
            raise LookupError("secret text")

        scene.fakes.upstream.replies["home"][0].before = bug
        call = await scene.post()
        assert (call.status, call.json["error"]["code"]) == (500, "internal_error")
        assert call.headers["x-gateway-decision-id"]
        assert scene.internal_errors() == 1
        assert "secret" not in scene.out.getvalue() + call.body.decode()
        assert json.loads(scene.out.getvalue())["kind"] == "LookupError"
        assert "support.fakes" in json.loads(scene.out.getvalue())["where"] or "test_app" in scene.out.getvalue()

    async def test_in_the_middle_of_an_answer_the_connection_is_cut(self):
        async def bug() -> None:
            raise LookupError("secret text")

        scene = Scene(Fakes(upstream=FakeUpstream(home=stream(ROLE, chunk("x"), bug))))
        with pytest.raises(CutOff) as caught:
            await scene.post(ask(stream=True))
        assert caught.value.__suppress_context__
        assert scene.internal_errors() == 1
        assert scene.fakes.spool.finished.error == "internal_error"

    async def test_a_ledger_that_fails_at_the_end_cuts_the_answer(self):
        scene = Scene(Fakes(upstream=FakeUpstream(home=stream(ROLE, chunk("x"), chunk(finish="stop"), DONE))))
        scene.fakes.spool.commit_fails = True
        with pytest.raises(CutOff):
            await scene.post(ask(stream=True))

    async def test_a_ledger_that_cannot_be_read_is_a_500_too(self):
        def broken(_):
            raise OSError("/secret/path")

        scene = Scene(find=broken)
        call = await scene.get("/v1/gateway/decisions/dec_1", BEARER)
        assert (call.status, call.json["error"]["code"]) == (500, "internal_error")
        assert "secret" not in call.body.decode() + scene.out.getvalue()


class TestOther:
    """Everything that is not a call to a model."""

    async def test_alive_and_ready(self):
        scene = Scene()
        assert (await scene.get("/livez")).json == {"status": "alive"}
        assert (await scene.get("/readyz")).json == {"status": "ready"}
        scene.ready = False
        call = await scene.get("/readyz")
        assert (call.status, call.json) == (503, {"status": "not_ready"})

    @pytest.mark.parametrize("path", sorted(DIALECTS))
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
    async def test_a_model_is_asked_by_post(self, path, method):
        assert (await Scene().get(path, method=method)).status == 405

    @pytest.mark.parametrize("path", sorted(NOT_BUILT))
    async def test_what_is_not_built_says_so(self, path):
        call = await Call("POST", path, b"{}").to(Scene().edge)
        assert call.status == 404
        assert "not built yet" in call.json["error"]["message"]

    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/v1",
            "/v1/chat/completions/",
            "/V1/chat/completions",
            "/v1/chat/completions/../messages",
            "/metrics",
            "/admin/v1/teams",
            "/v1/gateway/decisions",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
    async def test_any_other_path_is_a_404(self, path, method):
        call = await Scene().get(path, BEARER, method=method)
        assert (call.status, call.json["error"]["code"]) == (404, "invalid_request")

    async def test_errors_are_reported_in_the_dialect_of_the_caller(self):
        call = await Scene().get("/nope", (b"anthropic-version", b"2023-06-01"))
        assert call.json["type"] == "error"

    @pytest.mark.parametrize("path", ["/v1/models", "/v1/gateway/me", "/v1/gateway/decisions/dec_1"])
    async def test_what_a_caller_may_ask_about_itself_takes_its_key(self, path):
        assert (await Scene().get(path)).status == 401
        assert (await Scene(find=lambda _: {"key": "key_1"}).get(path, BEARER)).status == 200

    async def test_a_decision_that_is_not_there_is_a_404(self):
        call = await Scene().get("/v1/gateway/decisions/dec_1", BEARER)
        assert (call.status, call.json["error"]["code"]) == (404, "decision_not_found")

    async def test_what_is_no_http_is_not_answered(self):
        sent = []

        async def send(message):
            sent.append(message)

        await Scene().edge({"type": "lifespan"}, None, send)
        assert sent == []


async def test_a_gzip_body_is_read_and_another_encoding_is_a_415_with_what_to_do():
    scene = Scene()
    packed = gzip.compress(json.dumps(ask()).encode())
    assert (await scene.post(packed, CHAT, (b"content-encoding", b"gzip"))).status == 200
    refused = await scene.post(b"x", CHAT, (b"content-encoding", b"br"))
    assert (refused.status, refused.json["error"]["code"]) == (415, "unsupported_encoding")
    assert refused.headers["x-should-retry"] == "false"


async def test_a_message_is_counted_without_a_record_and_marked_as_an_estimate():
    scene = Scene()
    call = await scene.post({"model": "auto", "messages": [{"role": "user", "content": "word " * 100}]}, COUNTING)
    assert (call.status, call.headers["x-gateway-estimated"]) == (200, "true")
    assert 80 < call.json["input_tokens"] < 300
    assert scene.fakes.upstream.calls == []
    assert scene.fakes.spool.records == []
    assert (await scene.post({"model": "auto"}, COUNTING)).status == 400
    assert (await scene.post({"model": "nope", "messages": []}, COUNTING)).status == 404


async def test_one_model_is_shown_in_the_callers_shape_and_an_unknown_one_is_not():
    scene = Scene()
    assert (await scene.get("/v1/models/auto", BEARER)).json["object"] == "model"
    anthropic = (b"anthropic-version", b"2023-06-01")
    assert (await scene.get("/v1/models/auto", BEARER, anthropic)).json["type"] == "model"
    unknown = await scene.get("/v1/models/nope", BEARER)
    assert (unknown.status, unknown.json["error"]["code"]) == (404, "model_not_found")
