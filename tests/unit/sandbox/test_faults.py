"""Each fault breaks just what it says, for just as long as it says."""

import json
import socket
from http.client import HTTPException, IncompleteRead
from pathlib import Path

import pytest

from gateway.sandbox import FAULT_NAMES, Faults, InvalidFault, SandboxSettings, Vendor, build

STREAM = {"stream": True, "stream_options": {"include_usage": True}}


def read_all(bare) -> bytes:
    with bare:
        return b"".join(iter(lambda: bare.recv(65536), b""))


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503, 529])
@pytest.mark.parametrize("stream", [True, False])
def test_a_status_comes_in_the_envelope_of_the_vendor(start, vendor, status, stream):
    got = start(vendor, faults=(f"status={status}",)).ask(stream=stream)

    assert got.status == status
    assert {
        Vendor.SGLANG: "error" if status == 401 else "object",
        Vendor.OPENAI: "error",
        Vendor.ANTHROPIC: "type",
    }[vendor] == next(iter(got.json))
    assert ("retry-after" in got.headers) == (status == 429)


def test_faults_hold_for_generations_only_unless_probes_are_asked_for(start):
    client = start(faults=("status=503",))
    before = client.get("/ready").status
    client.sandbox.set_faults("status=503", "probes")

    assert (before, client.get("/ready").status, client.get("/v1/loads").status) == (200, 503, 503)


@pytest.mark.parametrize(("fault", "start_of_body"), [("garbage", b'{"id"'), ("wrong_content_type", b"<!DOCTYPE")])
def test_probes_can_be_garbage_too(start, fault, start_of_body):
    got = start(faults=(fault, "probes")).get("/v1/loads")

    assert (got.status, got.body[: len(start_of_body)]) == (200, start_of_body)


def test_a_probe_can_hang_too(start):
    client = start(faults=("hang", "probes"))
    with socket.create_connection(("127.0.0.1", client.sandbox.port)) as bare:
        bare.sendall(b"GET /ready HTTP/1.1\r\nhost: sandbox\r\n\r\n")
        client.state(until_open=1)
    client.state(until_open=0)

    assert client.sandbox.requests()[-1]["disconnected"]


def test_times_bounds_how_many_requests_are_hit(start, vendor):
    client = start(vendor, faults=("status=500", "times=2"))

    assert [client.ask().status for _ in range(4)] == [500, 500, 200, 200]


@pytest.mark.parametrize("stream", [True, False])
def test_a_hang_never_answers_and_holds_its_slot_until_the_client_goes(start, vendor, stream):
    client = start(vendor, faults=("hang",))
    bare = client.open(stream=stream)
    hanging = client.state(until_open=1)
    bare.close()
    gone = client.state(until_open=0)

    assert (hanging["running"], gone["running"]) == (1, 0)
    assert [(r["status"], r["disconnected"], r["chunks_sent"]) for r in client.sandbox.requests()] == [(None, True, 0)]


def test_hanging_after_chunks_sends_just_these_and_stops_when_the_client_goes(start, vendor):
    client = start(vendor, faults=("hang_after=3",))
    bare = client.open(stream=True)
    seen = b""
    while seen.count(b"\n\r\n") < 3:
        seen += bare.recv(65536)
    running = client.sandbox.running
    bare.close()
    client.state(until_open=0)

    record = client.sandbox.requests()[-1]
    assert (running, client.sandbox.running) == (1, 0)
    assert (record["chunks_sent"], record["disconnected"], record["finished"]) == (3, True, False)


def test_a_cut_closes_the_connection_in_the_middle_of_an_event(start, vendor):
    client = start(vendor, faults=("cut=2",))
    body = read_all(client.open(stream=True)).partition(b"\r\n\r\n")[2]
    record = client.sandbox.requests()[-1]

    assert body.count(b"\n\r\n") == 2
    assert not body.endswith((b"\n\n\r\n", b"0\r\n\r\n"))
    assert (record["chunks_sent"], record["disconnected"], record["finished"]) == (2, False, False)


def test_a_cut_before_the_first_event_leaves_headers_and_half_an_event(start, vendor):
    with pytest.raises(IncompleteRead) as caught:
        start(vendor, faults=("cut=0",)).ask(stream=True)

    assert b"\n\n" not in caught.value.partial


def test_a_whole_body_is_cut_in_half(start, vendor):
    with pytest.raises(HTTPException) as caught:
        start(vendor, faults=("cut=1",)).ask()

    assert isinstance(caught.value, IncompleteRead)
    assert abs(len(caught.value.partial) - caught.value.expected) <= 1


def test_without_done_the_stream_just_ends(start, vendor):
    client = start(vendor)
    whole = client.ask(**STREAM).events
    client.sandbox.set_faults("no_done")
    got = client.ask(**STREAM)

    assert len(got.events) == len(whole) - 1
    assert whole[-1] == "[DONE]" or whole[-1] == {"type": "message_stop"}


def test_garbage_is_not_json_streamed_or_not(start, vendor):
    client = start(vendor, faults=("garbage",))
    whole, stream = client.ask(), client.ask(stream=True)

    assert (whole.status, stream.status) == (200, 200)
    assert stream.headers["content-type"].startswith("text/event-stream")
    with pytest.raises(json.JSONDecodeError):
        json.loads(whole.body.decode("latin-1"))
    with pytest.raises(json.JSONDecodeError):
        _ = stream.events


@pytest.mark.parametrize("stream", [True, False])
def test_a_wrong_content_type_is_a_page(start, vendor, stream):
    got = start(vendor, faults=("wrong_content_type",)).ask(stream=stream)

    assert (got.status, got.headers["content-type"], got.body[:9]) == (200, "text/html; charset=utf-8", b"<!DOCTYPE")


@pytest.mark.parametrize(("fault", "before"), [("error_first_event", 0), ("error_event_after=3", 3)])
def test_an_error_event_ends_the_stream(start, vendor, fault, before):
    got = start(vendor, faults=(fault,)).ask(**STREAM)
    events = [event for event in got.events if event != "[DONE]"]

    assert got.status == 200
    assert ["error" in event for event in events] == [False] * before + [True]


def test_without_a_stream_the_error_event_is_the_body_of_a_200(start, vendor):
    got = start(vendor, faults=("error_first_event",)).ask()

    assert got.status == 200
    assert "error" in got.json


@pytest.mark.parametrize("stream", [True, False])
def test_usage_can_be_left_out(start, vendor, stream):
    client = start(vendor, faults=("no_usage",))
    got = client.ask(stream=stream, stream_options={"include_usage": True})

    assert b'"usage"' not in got.body


def test_crlf_changes_the_framing_and_nothing_else(start, vendor):
    client = start(vendor)
    plain = client.ask(stream=True)
    client.sandbox.set_faults("crlf")
    crlf = client.ask(stream=True)

    assert crlf.body.count(b"\r\n") == crlf.body.count(b"\n") == plain.body.count(b"\n")
    assert len(crlf.events) == len(plain.events)


def test_tiny_writes_send_two_bytes_at_a_time(start, vendor):
    body = read_all(start(vendor, faults=("tiny_writes", "cut=1")).open(stream=True)).partition(b"\r\n\r\n")[2]
    sizes = {int(line, 16) for line in body.split(b"\r\n")[::2] if line}

    assert sizes <= {1, 2}


def test_a_slow_start_is_served_all_the_same(start, vendor):
    assert start(vendor, faults=("slow_first=0.001",)).ask().status == 200


def test_faults_are_set_at_run_time_and_reported(start):
    client = start()
    mapping = client.call("POST", "/sandbox/faults", {"status": 429, "times": 1})
    listed = client.call("POST", "/sandbox/faults", ["cut=3", "crlf"])
    faults = client.get("/sandbox/faults").json
    client.call("POST", "/sandbox/faults", {})

    assert mapping.json == {"status": 429, "times": 1}
    assert listed.json == faults == {"cut": 3, "crlf": True}
    assert client.ask().status == 200


@pytest.mark.parametrize("body", [{"nope": 1}, {"status": 200}, {"cut": -1}, {"hang": "perhaps"}, 3, ["slow_first=x"]])
def test_faults_that_do_not_exist_are_refused(start, body):
    client = start()

    assert client.call("POST", "/sandbox/faults", body).status == 400
    assert client.get("/sandbox/faults").json == {}


def test_a_header_breaks_one_answer_only_where_that_is_allowed(start):
    strict, lax = start(), start(allow_header_faults=True)
    header = {"x_sandbox_fault": "status=429"}

    assert strict.ask(header=header).status == 200
    assert (lax.ask(header=header).status, lax.ask().status) == (429, 200)
    assert lax.ask(header={"x_sandbox_fault": "nope"}).status == 400


def test_reset_goes_back_to_the_faults_of_the_start(start):
    client = start(faults=("status=500", "times=1"))
    first = client.ask().status
    client.sandbox.set_faults("status=503")
    client.call("POST", "/sandbox/reset", b"")

    assert (first, client.ask().status, client.ask().status) == (500, 500, 200)


def test_a_sandbox_with_an_unknown_fault_does_not_start():
    with pytest.raises(InvalidFault, match="known are status, hang"):
        build(Vendor.OPENAI, settings=SandboxSettings(faults=("explode",)))


@pytest.mark.parametrize("spec", ["status", "status=abc", "cut=-1", "slow_first=inf", "times", "hang=maybe"])
def test_values_that_do_not_fit_are_refused(spec):
    with pytest.raises(InvalidFault, match="does not fit"):
        Faults.parse([spec])


def test_names_may_be_written_with_hyphens():
    assert Faults.parse(["hang-after=2", "no-done"]).as_json() == {"hang_after": 2, "no_done": True}


def test_every_fault_is_named_in_a_test():
    tests = Path(__file__).read_text()

    assert [name for name in FAULT_NAMES if f'"{name}' not in tests and f"{name}=" not in tests] == []
