"""Plain ASGI: bodies within bounds, answers in order, work that ends when the client hangs up."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import asgi
from gateway.asgi import CONNECTION, AsgiResponder, ClientGone, read_body, until_hang_up
from gateway.domain.errors import RequestTooLarge

pytestmark = pytest.mark.anyio

GONE = {"type": "http.disconnect"}


class Caller:
    """Sends messages, then waits for ever, as a client that listens does."""

    def __init__(self, *messages) -> None:
        self.left = list(messages)

    async def receive(self):
        if not self.left:
            await anyio.sleep_forever()
        return self.left.pop(0)


def piece(data: bytes, more: bool = True):
    return {"type": "http.request", "body": data, "more_body": more}


def scope(*headers: tuple[bytes, bytes]):
    return {"type": "http", "headers": list(headers)}


@given(st.lists(st.binary(max_size=5), min_size=1))
def test_a_body_is_the_same_however_it_is_cut(pieces):
    messages = [piece(data, number < len(pieces) - 1) for number, data in enumerate(pieces)]

    assert anyio.run(read_body, scope(), Caller(*messages).receive, 1000) == b"".join(pieces)


async def test_a_message_without_a_body_is_an_empty_piece():
    assert await read_body(scope(), Caller({"type": "http.request"}).receive, 10) == b""


async def test_a_body_of_exactly_the_limit_is_read():
    caller = Caller(piece(b"12345"), piece(b"67890", more=False))

    assert await read_body(scope((b"content-length", b"10")), caller.receive, 10) == b"1234567890"


async def test_a_body_that_says_that_it_is_too_large_is_refused_after_it_was_read_away():
    caller = Caller(piece(b"12345"), piece(b"678901", more=False))
    with pytest.raises(RequestTooLarge, match="larger than 10 bytes"):
        await read_body(scope((b"content-length", b"11")), caller.receive, 10)

    assert caller.left == []


async def test_a_body_that_grows_too_large_is_refused_after_it_was_read_away():
    caller = Caller(piece(b"12345"), piece(b"678901"), piece(b"more"), piece(b"", more=False))
    with pytest.raises(RequestTooLarge):
        await read_body(scope(), caller.receive, 10)

    assert caller.left == []


async def test_a_last_piece_that_is_too_large_is_refused_without_waiting_for_more():
    with anyio.fail_after(10), pytest.raises(RequestTooLarge):
        await read_body(scope(), Caller(piece(b"12345678901", more=False)).receive, 10)


async def test_only_so_much_of_a_body_that_is_too_large_is_read_away(monkeypatch):
    monkeypatch.setattr(asgi, "DISCARD_BYTES", 20)
    caller = Caller(piece(b"x" * 11), *[piece(b"x" * 10)] * 5)
    with pytest.raises(RequestTooLarge):
        await read_body(scope(), caller.receive, 10)

    assert len(caller.left) == 3


async def test_a_body_that_is_too_large_and_never_ends_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(asgi, "DISCARD_S", 0.0)
    with pytest.raises(RequestTooLarge):
        await read_body(scope((b"content-length", b"99")), Caller().receive, 10)


async def test_a_client_that_hangs_up_while_it_sends_too_much_is_not_waited_for():
    with pytest.raises(RequestTooLarge):
        await read_body(scope((b"content-length", b"99")), Caller(piece(b"x"), GONE).receive, 10)


@pytest.mark.parametrize("value", [b"-1", b"x", b"", b"1e9", "²".encode("latin-1")])
async def test_a_length_that_is_no_number_is_not_believed(value):
    body = await read_body(scope((b"content-length", value)), Caller(piece(b"ok", more=False)).receive, 10)

    assert body == b"ok"


async def test_a_client_that_hangs_up_before_the_end_is_gone():
    with pytest.raises(ClientGone):
        await read_body(scope(), Caller(piece(b"half"), GONE).receive, 10)


class Wire:
    """Notes what an app sends."""

    def __init__(self) -> None:
        self.messages = []

    async def send(self, message):
        self.messages.append(message)


async def test_an_answer_is_a_head_pieces_and_one_end():
    wire = Wire()
    responder = AsgiResponder(wire.send)
    assert (responder.started, responder.finished) == (False, False)
    await responder.start(200, [(b"a", b"b")])
    assert (responder.started, responder.finished) == (True, False)
    await responder.send(b"one")
    await responder.finish()
    assert responder.finished

    assert wire.messages == [
        {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]},
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": False},
    ]


async def test_a_whole_answer_says_its_type_and_length():
    wire = Wire()
    await AsgiResponder(wire.send).answer(404, "ü".encode(), "text/plain")
    head, body = wire.messages

    assert head["status"] == 404
    assert dict(head["headers"]) == {b"content-type": b"text/plain", b"content-length": b"2"}
    assert (body["body"], body["more_body"]) == ("ü".encode(), False)


async def test_an_answer_counts_as_begun_even_if_its_head_did_not_get_through():
    async def broken(message):
        raise OSError

    responder = AsgiResponder(broken)
    with pytest.raises(OSError):  # noqa: PT011 -- no message to match
        await responder.start(200, [])

    assert responder.started


class Line:
    """A client's connection."""

    on_hang_up = None

    def has_whole(self, _scope) -> bool:
        return True


async def test_work_is_cancelled_when_the_client_hangs_up():
    cancelled, line = [], Line()

    async def work():
        try:
            line.on_hang_up()
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            cancelled.append(True)
            raise

    with anyio.fail_after(10):
        await until_hang_up({CONNECTION: line}, work)

    assert cancelled == [True]


async def test_work_that_ended_is_not_cancelled_any_more():
    done, line = [], Line()

    async def work():
        done.append(True)

    await until_hang_up({CONNECTION: line}, work)

    assert done == [True]
    assert line.on_hang_up is None


async def test_an_error_of_the_work_comes_out():
    class CutOffError(Exception):
        pass

    async def work():
        raise CutOffError

    line = Line()
    with pytest.raises(CutOffError):
        await until_hang_up({CONNECTION: line}, work)
    assert line.on_hang_up is None


class Prompt:
    """A connection that takes pieces of a stream at once, or does not."""

    on_hang_up = None

    def __init__(self) -> None:
        self.room = True
        self.taken = []

    def has_whole(self, _scope) -> bool:
        return True

    def pass_on(self, body: bytes) -> None:
        self.taken.append(body)

    def answer(self, _scope, status, headers, body) -> bool:
        if self.room:
            self.taken.append((status, headers, body))
        return self.room


async def test_a_piece_passes_by_asgi_only_while_the_connection_has_room():
    wire, prompt = Wire(), Prompt()
    responder = AsgiResponder(wire.send, {CONNECTION: prompt})
    await responder.send(b"one")
    prompt.room = False
    await responder.send(b"two")
    assert prompt.taken == [b"one"]
    assert [message["body"] for message in wire.messages] == [b"two"]


async def test_a_whole_answer_passes_by_asgi_if_the_connection_takes_it():
    wire, prompt = Wire(), Prompt()
    one, two = AsgiResponder(wire.send, {CONNECTION: prompt}), AsgiResponder(wire.send, {CONNECTION: prompt})
    await one.whole(200, [(b"content-length", b"2")], b"hi")
    assert (prompt.taken, wire.messages) == ([(200, [(b"content-length", b"2")], b"hi")], [])
    prompt.room = False
    await two.whole(200, [(b"content-length", b"2")], b"hi")
    assert [message["type"] for message in wire.messages] == ["http.response.start", "http.response.body"]
    assert (one.started, one.finished, two.started, two.finished) == (True, True, True, True)


async def test_an_empty_piece_is_not_sent_for_it_would_end_the_stream():
    wire, prompt = Wire(), Prompt()
    responder = AsgiResponder(wire.send, {CONNECTION: prompt})
    await responder.send(b"")
    assert (prompt.taken, wire.messages) == ([], [])
