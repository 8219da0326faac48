"""Each ticket ends as one record, whatever the egress says."""

import pytest

from gateway.domain.chain import ChainEntry
from gateway.domain.errors import LedgerUnavailable
from gateway.domain.label import Category, DataClass, Label
from gateway.ticket.claims import Claims
from gateway.upstream import receipts as module
from gateway.upstream.receipts import Receipts

LABEL = Label(DataClass.INTERNAL, frozenset({Category.PII}))
CLAIMS = Claims("tkt_1", "dec_1", "att_1", "away", LABEL, "p", "POST", "/", "b" * 64, "h", "egr_1", 1.0, team="t")


def entry(**changes) -> ChainEntry:
    whole = dict(
        zip(
            ChainEntry.__slots__,
            ("egr_1", 0, "", 1, "away", "t", "internal", ("pii",), "public", "tkt_1"),
            strict=False,
        )
    )
    whole |= {"decision": "dec_1", "attempt": "att_1", "attempt_kind": "primary", "policy": "p"}
    whole |= {"body_sha256": "b" * 64, "size": 7, "outcome": "sent"}
    return ChainEntry(**whole | changes).sealed(1, "x")


class Scene:
    def __init__(self) -> None:
        self.kept = []
        self.full = False
        self.receipts = Receipts(self.keep, lambda: 5)

    def keep(self, record):
        if self.full:
            raise LedgerUnavailable("full")
        self.kept.append(record)

    @property
    def outcomes(self):
        return [(record.id, record.decision, record.entry.outcome, record.entry.seq) for record in self.kept]

    def answered(self, outcome="vendor", header=None):
        headers = {} if header is None else {"x-egress-receipt": header}
        self.receipts.answered(CLAIMS, 7, outcome, headers)
        return self.outcomes


def test_a_receipt_is_kept_as_it_came():
    scene = Scene()
    assert scene.answered(header=entry().receipt()) == [("tkt_1", "dec_1", "sent", 1)]
    assert scene.kept[0].entry == entry()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "nonsense",
        entry(ticket="tkt_2").receipt(),
        entry(body_sha256="c" * 64).receipt(),
        entry(target="other").receipt(),
        ChainEntry(**{name: getattr(entry(), name) for name in ChainEntry.__slots__} | {"hash": "0" * 64}).receipt(),
    ],
)
def test_an_answer_without_a_receipt_of_this_ticket_and_body_is_reported(header):
    assert Scene().answered(header=header) == [("tkt_1", "dec_1", "no_receipt", 0)]


@pytest.mark.parametrize("code", ["missing", "bad_signature", "too_large", "chain_unavailable", "wrong_audience"])
def test_a_refusal_of_what_could_not_be_read_has_none(code):
    assert Scene().answered(f"refused:{code}") == [("tkt_1", "dec_1", f"refused:{code}", 0)]


@pytest.mark.parametrize("outcome", ["refused:higher_class", "refused:vendor_broken", "", "refused:some words"])
def test_any_other_must_have_one(outcome):
    assert Scene().answered(outcome) == [("tkt_1", "dec_1", "no_receipt", 0)]


def test_a_ticket_that_reached_nobody_is_reported_and_no_receipt_is_requested():
    scene = Scene()
    scene.receipts.unanswered(CLAIMS, 7, sent=False)
    assert scene.outcomes == [("tkt_1", "dec_1", "no_egress", 0)]
    assert scene.receipts.overdue("egr_1") == []
    made = scene.kept[0].entry
    assert (made.instance, made.team, made.data_class, made.categories, made.size, made.hash) == (
        *("egr_1", "t", "internal", ("pii",), 7, ""),
    )


def test_one_that_may_have_been_used_is_asked_for_until_its_receipt_comes():
    scene = Scene()
    scene.receipts.unanswered(CLAIMS, 7, sent=True)
    assert scene.receipts.overdue("egr_1") == ["tkt_1"]
    scene.receipts.late("tkt_1", b"{}")
    scene.receipts.late("tkt_1", entry(ticket="tkt_2").line())
    scene.full = True
    scene.receipts.late("tkt_1", entry().line())
    scene.full = False
    assert scene.receipts.overdue("egr_1") == ["tkt_1"]
    scene.receipts.late("tkt_1", entry().line())
    assert scene.receipts.overdue("egr_1") == []
    scene.receipts.late("tkt_1", entry().line())
    assert scene.outcomes == [("tkt_1?", "dec_1", "no_answer", 0), ("tkt_1", "dec_1", "sent", 1)]


def test_it_is_not_asked_for_ever_nor_of_another_instance(monkeypatch):
    scene = Scene()
    scene.receipts.unanswered(CLAIMS, 7, sent=True)
    for _ in range(module.MOST_ROUNDS):
        scene.receipts.late("tkt_1", b"")
    assert scene.receipts.overdue("egr_1") == []
    scene.receipts.unanswered(CLAIMS, 7, sent=True)
    assert scene.receipts.overdue("egr_2") == []
    monkeypatch.setattr(module, "MOST_OVERDUE", 0)
    scene.receipts.unanswered(CLAIMS, 7, sent=True)
    assert scene.receipts.overdue("egr_1") == []


def test_a_receipt_that_cannot_be_kept_ends_the_call_but_not_the_end_of_a_call():
    scene = Scene()
    scene.full = True
    with pytest.raises(LedgerUnavailable):
        scene.answered(header=entry().receipt())
    scene.receipts.unanswered(CLAIMS, 7, sent=True)


def test_a_ticket_that_its_instance_never_saw_is_reported_after_some_rounds():
    scene = Scene()
    scene.receipts.unanswered(CLAIMS, 7, sent=True)
    for _ in range(module.MOST_ROUNDS):
        assert scene.outcomes == [("tkt_1?", "dec_1", "no_answer", 0)]
        scene.receipts.late("tkt_1", None)
    assert scene.outcomes[1:] == [("tkt_1", "dec_1", "refused:unseen", 0)]
    assert scene.receipts.overdue("egr_1") == []
