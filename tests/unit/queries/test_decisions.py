"""Decisions are listed newest first, of the teams that may be seen, and replayed by their own policy."""

import pytest
from support.books import NOON, request, write

from gateway.queries.decisions import decision, decisions, replayed, since
from gateway.stores.ledger.reader import LedgerReader

DAY = 86_400_000_000_000


@pytest.fixture
def reader(data):
    write(data, *request(1), *request(2, team="legal"), *request(3, team="search", at=NOON + DAY))
    return LedgerReader(data)


def ids(rows):
    return [row["id"] for row in rows]


def test_teams_that_may_not_be_seen_are_left_out(reader):
    assert ids(decisions(reader, since(0), 9)) == ["dec_000003", "dec_000002", "dec_000001"]
    assert ids(decisions(reader, since(0), 9, teams=frozenset({"legal", "search"}))) == ["dec_000003", "dec_000002"]
    assert ids(decisions(reader, since(0), 1, teams=frozenset({"legal", "search"}))) == ["dec_000003"]
    assert decisions(reader, since(0), 9, {"team": "support"}, frozenset({"legal"})) == []
    assert decisions(reader, since(0), 9, teams=frozenset()) == []


def test_a_span_ends_before_its_end(reader):
    assert ids(decisions(reader, (NOON, NOON + DAY), 9)) == ["dec_000002", "dec_000001"]


def test_those_of_several_teams_are_seen_in_one_sight(reader, opened):
    decisions(reader, since(0), 9, teams=frozenset({"legal", "search", "support"}))

    assert len(opened) == 1


def test_what_nobody_decided_is_not_there(reader):
    assert decision(reader, "dec_000001")["team"] == "support"
    assert decision(reader, "dec_000001", later=True)["led_to"] == []
    assert "led_to" not in decision(reader, "dec_000001")
    assert decision(reader, "dec_999999") is None
    assert replayed(reader, "dec_999999") is None


def test_a_decision_whose_policy_is_not_in_the_ledger_cannot_be_replayed(reader):
    found = replayed(reader, "dec_000001")

    assert (found.policy, found.again) == ("policy1", None)
