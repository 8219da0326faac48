import json

import pytest
from support.fakes import CHAT, MESSAGES

from gateway.domain import errors
from gateway.domain.decision import Dropped
from gateway.wire.errors import STATUS, details_of, envelope, error_headers, event, status_of, type_of

CONTRACT = {
    "invalid_request": 400,
    "not_authenticated": 401,
    "no_permitted_route": 403,
    "model_not_found": 404,
    "request_too_large": 413,
    "unsupported_encoding": 415,
    "budget_exceeded": 429,
    "rate_limited": 429,
    "upstream_error": 502,
    "no_healthy_target": 503,
    "ledger_unavailable": 503,
    "state_unavailable": 503,
    "upstream_timeout": 504,
}


def made(kind: type[errors.GatewayError]) -> errors.GatewayError:
    if issubclass(kind, errors.NoPermittedRoute):
        return kind(
            "m", (Dropped("away", "r", "policy", "d", "w"),), [{"detector": "email", "path": "p", "span": [0, 1]}]
        )
    return kind("m")


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (errors.NotAuthenticated("x"), {b"x-should-retry": b"false"}),
        (errors.ModelNotFound("x"), {b"x-should-retry": b"false"}),
        (errors.RateLimited("x", retry_after=60), {b"retry-after": b"60"}),
        (errors.BudgetExceeded("x", retry_after=75294), {b"x-should-retry": b"false"}),
        (errors.NoHealthyTarget("x", retry_after=3600), {}),
        (errors.UpstreamError("x"), {}),
        (KeyError("x"), {}),
    ],
)
def test_a_client_is_told_not_to_repeat_what_fails_again_and_to_wait_a_minute_at_most(error, found):
    assert dict(error_headers(error, status_of(error))) == found


def test_a_longer_wait_is_in_the_body():
    assert details_of(errors.BudgetExceeded("x", retry_after=75294), "")["retry_after_s"] == 75294


def test_every_code_has_the_status_of_the_contract():
    assert {kind.code: int(status) for kind, status in STATUS.items()} == CONTRACT


def test_a_narrower_error_keeps_its_familys_status_and_what_is_none_of_ours_is_a_500():
    class Narrower(errors.ModelNotFound):
        code = "narrower"

    assert status_of(Narrower("x")) == 404
    assert status_of(errors.GatewayError("x")) == 500
    assert status_of(KeyError("x")) == 500


@pytest.mark.parametrize("kind", sorted(STATUS, key=lambda kind: kind.code), ids=lambda kind: kind.code)
@pytest.mark.parametrize("dialect", [CHAT, MESSAGES], ids=["openai", "anthropic"])
def test_every_error_has_an_envelope_and_an_event_in_both_dialects(dialect, kind):
    body = json.loads(envelope(dialect, made(kind), "dec_1"))
    assert body["error"]["code"] == kind.code
    assert body["error"]["decision_id"] == "dec_1"
    assert body["error"]["type"]
    assert event(dialect, made(kind), "dec_1").endswith(b"\n\n")


@pytest.mark.parametrize(
    ("status", "openai", "anthropic"),
    [
        (401, "authentication_error", "authentication_error"),
        (404, "invalid_request_error", "not_found_error"),
        (502, "server_error", "api_error"),
        (503, "server_error", "overloaded_error"),
    ],
)
def test_types_are_the_dialects_own_words(status, openai, anthropic):
    assert (type_of(CHAT, status), type_of(MESSAGES, status)) == (openai, anthropic)


def test_a_refusal_gives_its_reasons():
    assert details_of(made(errors.NoPermittedRoute), "") == {
        "dropped": [{"target": "away", "rule": "r", "reason": "policy", "detail": "d", "why": "w"}],
        "evidence": [{"detector": "email", "path": "p", "span": [0, 1]}],
    }
    assert details_of(made(errors.InvalidRequest), "") == {}
