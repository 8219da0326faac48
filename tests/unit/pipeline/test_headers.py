import string

from hypothesis import given
from hypothesis import strategies as st
from support.fakes import CHAT, MESSAGES, TRACE, ask, inbound

from gateway.pipeline.headers import LONGEST_HEADER, _visible, cost_header, outgoing, passed_back


class Case:
    """As much of a case as outgoing headers need."""

    def __init__(self, **headers: str) -> None:
        self.shape = CHAT.shape(ask(stream=True))
        self.inbound = inbound(**headers)


@given(st.text())
def test_any_text_is_made_safe_for_a_header(text):
    shown = _visible(text)
    assert len(shown) <= LONGEST_HEADER
    assert set(shown.decode("ascii")) <= set(string.printable[:95])


def test_only_what_describes_the_body_comes_back():
    upstream = [
        ("content-type", "a/b"),
        ("x-request-id", "\xe9"),
        ("set-cookie", "x"),
        ("content-length", "5"),
        ("server", "u"),
    ]
    assert passed_back(upstream) == [(b"content-type", b"a/b"), (b"x-upstream-request-id", b"\xe9")]


def test_a_target_gets_no_credential_and_no_name_of_the_caller():
    sent = outgoing(
        Case(x_api_key="gwk_1", cookie="c", anthropic_beta="b", tracestate="t", user_agent="u", host="h"),
        "ab" * 8,
        CHAT,
        closed=False,
    )
    assert sent == {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "traceparent": f"00-{TRACE.trace}-{'ab' * 8}-01",
        "anthropic-beta": "b",
        "tracestate": "t",
    }


def test_flags_of_one_dialect_do_not_reach_a_target_of_another():
    sent = outgoing(
        Case(anthropic_beta="b", anthropic_version="2023-06-01", tracestate="t"), "ab" * 8, MESSAGES, closed=False
    )

    assert set(sent) == {"content-type", "accept", "traceparent", "tracestate"}


def test_a_cost_is_a_plain_decimal():
    assert cost_header(1) == (b"x-gateway-cost-usd", b"0.000000001")
