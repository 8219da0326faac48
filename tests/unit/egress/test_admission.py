"""Whether a call may leave."""

from dataclasses import replace

import pytest
from support.fakes import closed, local, policy

from gateway.domain.label import DataClass, Label
from gateway.egress import admission as module
from gateway.egress.admission import EgressRefused, TicketGate
from gateway.ticket.claims import LIFETIME_S, Claims, Sending, TicketKey, body_hash, headers_hash, sign

KEY = TicketKey("k", b"s" * 32)
SENDING = Sending("POST", "/v1/chat/completions", b"{}", {})
TARGETS = [
    local("home"),
    closed("away"),
    closed("keyless", api_key_env="NO_SUCH_KEY"),
    closed("public", clearance="public"),
]


class Scene:
    def __init__(self, **credentials: str) -> None:
        self.now = 1000.0
        self.snapshot = policy(targets=TARGETS, models=[{"name": "auto", "candidates": ["home", "away"]}])
        known = credentials or {"VENDOR_KEY": "sk-1\n"}
        self.admission = TicketGate("egr_1", [KEY], lambda: self.snapshot, known, lambda: self.now)

    def ticket(self, jti: str = "1", target: str = "away", label: Label = Label(DataClass.INTERNAL)) -> str:
        claims = Claims(
            jti=jti,
            decision="d",
            attempt="a",
            target=target,
            label=label,
            policy="another",
            method="POST",
            path=SENDING.path,
            body_sha256=body_hash(SENDING.body),
            headers_sha256=headers_hash({}),
            audience="egr_1",
            expires=self.now + LIFETIME_S,
        )
        return sign(claims, KEY)

    def refused(self, ticket: str | None, sending: Sending = SENDING) -> str:
        with pytest.raises(EgressRefused) as caught:
            self.admission.admit(ticket, sending)
        return caught.value.code


def test_a_good_ticket_gives_this_instances_own_idea_of_the_target():
    scene = Scene()
    admitted = scene.admission.admit(scene.ticket(), SENDING)
    assert admitted.claims.target == "away"
    assert admitted.target is scene.snapshot.targets["away"]
    assert (admitted.exception, admitted.observed) == ("", False)


def test_a_ticket_is_good_once():
    scene = Scene()
    ticket = scene.ticket()
    scene.admission.admit(ticket, SENDING)
    assert scene.refused(ticket) == "replayed"
    scene.now += LIFETIME_S + 1
    assert scene.refused(ticket) == "stale"


def test_a_refused_ticket_is_used_up_too():
    scene = Scene()
    ticket = scene.ticket(target="keyless")
    assert scene.refused(ticket) == "no_credentials"
    assert scene.refused(ticket) == "replayed"


@pytest.mark.parametrize(
    ("target", "label", "code"),
    [
        ("nobody", Label(), "unknown_target"),
        ("home", Label(), "unknown_target"),
        ("away", Label(DataClass.CONFIDENTIAL), "under_cleared"),
        ("public", Label(DataClass.INTERNAL), "under_cleared"),
        ("away", Label(regions=frozenset({"eu"})), "under_cleared"),
        ("keyless", Label(), "no_credentials"),
    ],
)
def test_what_the_policy_here_does_not_permit_does_not_leave(target, label, code):
    scene = Scene()
    assert scene.refused(scene.ticket(target=target, label=label)) == code


def test_a_clearance_that_was_lowered_since_counts_at_once():
    scene = Scene()
    away = scene.snapshot.targets["away"]
    lowered = replace(away, clearance=replace(away.clearance, max=DataClass.PUBLIC))
    scene.snapshot = replace(scene.snapshot, targets={**scene.snapshot.targets, "away": lowered})
    assert scene.refused(scene.ticket()) == "under_cleared"


def test_what_is_wrong_with_a_ticket_is_reported():
    scene = Scene()
    assert scene.refused(None) == "missing"
    assert scene.refused(scene.ticket(), replace(SENDING, body=b"{ }")) == "altered"


def test_used_tickets_are_remembered_a_while_longer_than_they_are_good(monkeypatch):
    monkeypatch.setattr(module, "SWEEP_EVERY", 2)
    scene = Scene()
    scene.admission.admit(scene.ticket("1"), SENDING)
    scene.now += LIFETIME_S + module.KEPT_LONGER_S + 1
    scene.admission.admit(scene.ticket("2"), SENDING)
    assert set(scene.admission._seen) == {"2"}


def test_which_targets_have_a_key():
    scene = Scene()
    assert scene.admission.ready_targets() == ["away", "public"]
    away = scene.snapshot.targets["away"]
    assert scene.admission.credential(away) == "sk-1"
    assert scene.admission.has_credentials(replace(away, api_key_env=None))
    assert scene.admission.credential(replace(away, api_key_env=None)) is None
    assert not Scene(VENDOR_KEY=" \n").admission.has_credentials(away)
