"""Errors have stable codes, each its own."""

from gateway.domain import errors
from gateway.domain.decision import Dropped

CLASSES = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.GatewayError)]


def test_every_error_has_a_code_of_its_own():
    codes = [each.code for each in CLASSES]

    assert len(set(codes)) == len(codes)


def test_the_codes_are_those_of_the_contract():
    assert {each.code for each in CLASSES} == {
        *("internal_error", "invalid_request", "not_authenticated", "no_permitted_route", "model_not_found"),
        *(
            "request_too_large",
            "unsupported_encoding",
            "budget_exceeded",
            "rate_limited",
            "upstream_error",
            "upstream_timeout",
        ),
        *("no_healthy_target", "ledger_unavailable", "state_unavailable"),
    }


def test_an_error_carries_its_message_and_when_to_come_back():
    error = errors.RateLimited("slower", retry_after=7)

    assert (error.message, str(error), error.retry_after) == ("slower", "slower", 7)
    assert errors.InvalidRequest("no").retry_after is None


def test_a_refusal_carries_what_was_dropped_and_what_was_found():
    drop = Dropped("a", "clearance", "sensitivity", "needs more")
    error = errors.NoPermittedRoute("nothing may", (drop,), [{"detector": "email"}])

    assert (error.dropped, error.evidence, error.message) == ((drop,), [{"detector": "email"}], "nothing may")
