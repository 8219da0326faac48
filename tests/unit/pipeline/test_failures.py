import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import errors
from gateway.failover.plan import Failure, Tried
from gateway.pipeline.failures import AttemptFailed, code_of, final_error, from_broken, from_event, from_status
from gateway.ports import UpstreamBroken, UpstreamHead


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        *((status, Failure.CALLER) for status in (400, 413, 422)),
        *((status, Failure.CREDENTIALS) for status in (401, 402, 403)),
        *((status, Failure.SATURATED) for status in (429, 503, 529)),
        *((status, Failure.DECLINED) for status in (404, 408, 409)),
        *((status, Failure.BROKEN) for status in (201, 204, 302, 500, 502, 599)),
    ],
)
def test_a_status_means_one_kind_of_failure(status, failure):
    failed = from_status(UpstreamHead(status, {}), b"")
    assert (failed.failure, failed.status) == (failure, status)
    assert failed.detail == f"the upstream answered {status}"
    assert failed.outcome


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"message":"a"}}', "a"),
        (b'{"object":"error","message":"b","code":400}', "b"),
        (b'{"type":"error","error":{"type":"x","message":"c"}}', "c"),
        (b'{"error":"d"}', "d"),
        (b"<html>", "the upstream answered 500"),
        (b'{"error":{"message":7}}', "the upstream answered 500"),
        (b"[]", "the upstream answered 500"),
        (b"[" * 5000, "the upstream answered 500"),
    ],
)
def test_the_message_is_read_from_every_envelope(body, message):
    assert from_status(UpstreamHead(500, {}), body).detail == message


@pytest.mark.parametrize(
    ("value", "wait"), [("7", 7.0), ("", 1.0), ("Wed, 21 Oct 2026", 1.0), ("-1", 1.0), ("²", 1.0), ("99999", 3600.0)]
)
def test_retry_after_counts_for_429_only_and_within_bounds(value, wait):
    assert from_status(UpstreamHead(429, {"retry-after": value}), b"").retry_after == wait
    assert from_status(UpstreamHead(503, {"retry-after": value}), b"").retry_after is None


@pytest.mark.parametrize(
    ("message", "code", "failure"),
    [
        ("The request queue is full.", 503, Failure.SATURATED),
        ("The request queue is full.", None, Failure.SATURATED),
        ("Overloaded", None, Failure.SATURATED),
        ("slow down", 429, Failure.SATURATED),
        ("bad", 400, Failure.CALLER),
        ("who?", 401, Failure.CREDENTIALS),
        ("boom", 500, Failure.BROKEN),
        ("boom", None, Failure.BROKEN),
    ],
)
def test_an_error_inside_a_200_is_what_it_says(message, code, failure):
    assert from_event(message, code).failure is failure


@pytest.mark.parametrize(
    ("sent", "egress", "failure"),
    [
        (False, False, Failure.REFUSED),
        (True, False, Failure.BROKEN),
        (False, True, Failure.EGRESS),
        (True, True, Failure.LOST),
    ],
)
def test_a_broken_connection_is_reported_by_what_was_sent(sent, egress, failure):
    assert from_broken(UpstreamBroken("x", sent=sent, egress=egress)).failure is failure


@pytest.mark.parametrize(
    ("chunk", "code"),
    [
        (b'{"error":{"code":503}}', 503),
        (b'{"error":{"code":"503"}}', 503),
        (b'{"code":400}', 400),
        (b'{"error":{"code":"overloaded"}}', None),
        (b'{"error":{"code":"\xc2\xb2"}}', None),
        (b'{"error":{"code":"' + b"9" * 5000 + b'"}}', None),
        (b'{"error":{"code":true}}', None),
        (b'{"error":"x"}', None),
        (b"[1]", None),
        (b"x", None),
    ],
)
def test_the_code_inside_an_error_is_read_if_it_is_one(chunk, code):
    assert code_of(chunk) == code


@given(st.binary(max_size=200))
def test_no_body_of_an_upstream_crashes_the_reading(body):
    failed = from_status(UpstreamHead(500, {"retry-after": body.decode("latin-1")}), body)
    code = code_of(body)

    assert failed.failure in Failure
    assert code is None or isinstance(code, int | str)


def tried(*failures: Failure) -> list[Tried]:
    return [Tried(f"t{number}", "e", failure) for number, failure in enumerate(failures)]


def failed(failure: Failure, detail: str = "at http://10.0.0.1/x", **more) -> AttemptFailed:
    return AttemptFailed(failure, detail, **more)


@pytest.mark.parametrize(
    ("failures", "error"),
    [
        ([Failure.CALLER], errors.InvalidRequest),
        ([Failure.BROKEN, Failure.CALLER], errors.InvalidRequest),
        ([Failure.SATURATED, Failure.SATURATED], errors.NoHealthyTarget),
        ([Failure.BROKEN, Failure.SATURATED], errors.UpstreamError),
        ([Failure.TIMEOUT], errors.UpstreamTimeout),
        ([Failure.CREDENTIALS], errors.UpstreamError),
        ([Failure.REFUSED], errors.UpstreamError),
        ([Failure.EGRESS], errors.UpstreamError),
        ([Failure.BROKEN], errors.UpstreamError),
    ],
)
def test_the_error_for_the_caller_holds_no_address(failures, error):
    raised = final_error(tried(*failures), failed(failures[-1]), [])
    assert type(raised) is error
    assert "10.0.0.1" not in raised.message


def test_saturation_tells_when_to_come_back():
    assert final_error(tried(Failure.SATURATED), failed(Failure.SATURATED), []).retry_after == 1
    assert final_error(tried(Failure.SATURATED), failed(Failure.SATURATED, retry_after=7.9), []).retry_after == 7


def test_without_an_attempt_the_error_says_why_none_was_made():
    raised = final_error([], None, ["a: down", "b: saturated"])
    assert type(raised) is errors.NoHealthyTarget
    assert "(a: down, b: saturated)" in raised.message
    assert "none is configured" in final_error([], None, []).message
