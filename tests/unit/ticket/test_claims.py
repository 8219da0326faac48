"""A ticket is good for one body to one target, at one instance, for a short time, and for nothing else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.label import Category, DataClass, Label
from gateway.ticket.claims import (
    FORWARDED_HEADERS,
    LIFETIME_S,
    Claims,
    Sending,
    TicketKey,
    TicketRefused,
    _b64,
    _mac,
    body_hash,
    headers_hash,
    sign,
    verify,
)

KEY = TicketKey("k1", b"s" * 32)
OLD = TicketKey("k0", b"o" * 32)
NOW = 1_000.0
SENDING = Sending("POST", "/v1/messages", b'{"a":1}', {"accept": "x", "content-type": "application/json"})
LABEL = Label(DataClass.INTERNAL, frozenset({Category.PII, Category.HR}), frozenset({"eu", "us"}))


def claims(**changes) -> Claims:
    whole = Claims(
        jti="tkt_1",
        decision="dec_1",
        attempt="att_1",
        target="away",
        label=LABEL,
        policy="abc",
        method=SENDING.method,
        path=SENDING.path,
        body_sha256=body_hash(SENDING.body),
        headers_sha256=headers_hash(SENDING.headers),
        audience="egr_1",
        expires=NOW + LIFETIME_S,
    )
    return replace(whole, **changes)


TICKET = sign(claims(), KEY)


def refused(ticket=TICKET, *, keys=(KEY, OLD), sending=SENDING, audience="egr_1", now=NOW) -> str:
    with pytest.raises(TicketRefused) as caught:
        verify(ticket, keys, sending, audience, now)
    return caught.value.code


LABELS = st.builds(
    Label,
    st.sampled_from(DataClass),
    st.frozensets(st.sampled_from(Category)),
    st.none() | st.frozensets(st.sampled_from(["eu", "us"])),
)


@given(LABELS, st.sampled_from([KEY, OLD]))
def test_a_good_ticket_gives_back_what_was_signed_with_either_valid_key(label, key):
    assert verify(sign(claims(label=label), key), (KEY, OLD), SENDING, "egr_1", NOW) == claims(label=label)


@given(st.integers(0, len(TICKET) - 1), st.characters(max_codepoint=255))
def test_a_ticket_with_any_character_changed_is_refused(place, character):
    assume(TICKET[place] != character)
    assert refused(TICKET[:place] + character + TICKET[place + 1 :])


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_text_passes_for_a_ticket_or_crashes(text):
    assert refused(text) in {"missing", "malformed", "unknown_key", "bad_signature"}
    assert refused("k1." + text + ".\xff\xb2")


@given(st.integers(0, len(SENDING.body) - 1), st.integers(1, 255))
def test_a_body_with_any_byte_changed_is_refused(place, flip):
    body = bytearray(SENDING.body)
    body[place] ^= flip
    assert refused(sending=replace(SENDING, body=bytes(body))) == "altered"


@pytest.mark.parametrize("name", FORWARDED_HEADERS)
def test_a_forwarded_header_that_was_changed_added_or_removed_is_refused(name):
    assert refused(sending=replace(SENDING, headers={**SENDING.headers, name: "changed"})) == "altered"
    assert refused(sending=replace(SENDING, headers={})) == "altered"


def test_other_headers_do_not_count_for_they_are_not_forwarded():
    other = replace(SENDING, headers={**SENDING.headers, "cookie": "x"})
    assert verify(TICKET, [KEY], other, "egr_1", NOW)


@pytest.mark.parametrize(
    "change", [{"method": "PUT"}, {"path": "/v1/chat/completions"}, {"path": "/v1/messages/"}, {"body": b""}]
)
def test_another_method_path_or_body_is_refused(change):
    assert refused(sending=replace(SENDING, **change)) == "altered"


@pytest.mark.parametrize(
    ("now", "code"),
    [(NOW + LIFETIME_S, "stale"), (NOW + 1e6, "stale"), (NOW - 1.5, "stale"), (NOW - 1e6, "stale")],
)
def test_a_ticket_that_is_stale_or_good_for_too_long_is_refused(now, code):
    assert refused(now=now) == code


@given(st.floats(0, LIFETIME_S - 0.001))  # nearer to the end, the sum is rounded to the end itself
def test_a_ticket_is_good_until_it_expires(age):
    assert verify(TICKET, [KEY], SENDING, "egr_1", NOW + age)


def test_another_instance_refuses_it():
    assert refused(audience="egr_2") == "wrong_audience"


def test_an_unknown_key_is_refused_even_if_its_name_is_known():
    assert refused(keys=[OLD]) == "unknown_key"
    assert refused(keys=[TicketKey("k1", b"x" * 32)]) == "bad_signature"
    assert refused(keys=[]) == "unknown_key"


@pytest.mark.parametrize(
    ("ticket", "code"), [(None, "missing"), ("", "missing"), ("a.b", "malformed"), ("a.b.c.d", "malformed")]
)
def test_what_is_no_ticket_is_refused(ticket, code):
    assert refused(ticket) == code


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b'{"label":5}',
        b'{"label":[9,[],null]}',
        b'{"label":[0,["x"],null]}',
        b'{"label":[0,[],null]}',
        b'{"label":[0,[],5]}',
    ],
)
def test_signed_nonsense_is_refused(payload):
    text = _b64(payload)
    assert refused(f"k1.{text}.{_b64(_mac(KEY, text))}") == "malformed"
    assert refused(f"k1.é.{_b64(_mac(KEY, 'é'))}") == "malformed"


def test_a_key_is_bound_to_its_name():
    payload = TICKET.split(".")[1]
    same_secret = TicketKey("k2", KEY.secret)
    assert refused(f"k2.{payload}.{TICKET.split('.')[2]}", keys=[KEY, same_secret]) == "bad_signature"


def test_what_a_ticket_says_of_its_call_comes_back():
    made = claims(team="t", kind="failover", exceptions=("a", "b"), masked=True)

    assert verify(sign(made, KEY), (KEY,), SENDING, "egr_1", NOW) == made


def test_a_kind_of_attempt_that_nobody_knows_is_malformed():
    assert refused(sign(claims(kind="curiosity"), KEY)) == "malformed"


def test_a_refused_ticket_of_ours_says_what_it_was_for_and_a_forged_one_says_nothing():
    made = claims()
    with pytest.raises(TicketRefused) as caught:
        verify(TICKET, (KEY,), SENDING, "egr_2", NOW)
    assert caught.value.claims == made
    with pytest.raises(TicketRefused) as caught:
        verify(TICKET[:-2] + "xx", (KEY,), SENDING, "egr_1", NOW)
    assert caught.value.claims is None
