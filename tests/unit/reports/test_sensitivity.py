"""The report counts what labels did to requests, and what they would have done."""

import pytest

from gateway.reports.sensitivity import Seen, effect_of, kinds_of, rows


def drop(target, reason="sensitivity"):
    return {"target": target, "rule": "clearance", "reason": reason, "detail": "", "why": ""}


def seen(number=1, *, team="t", kinds=("iban",), target="home", error="", **outcome):
    evidence = [{"detector": kind, "path": "", "span": [0, 0]} for kind in kinds]
    ranked = [{"target": name} for name in outcome.pop("ranked", ["home", "away"])]
    return Seen(f"dec_{number}", team, "key_1", {"ranked": ranked, **outcome}, evidence, target, error)


@pytest.mark.parametrize(
    ("one", "effect"),
    [
        (seen(), "as_is"),
        (seen(target="away", masked=["away"]), "masked"),
        (seen(masked=["away"]), "as_is"),
        (seen(dropped=[drop("away")]), "moved"),
        (seen(dropped=[drop("away", "cost")]), "as_is"),
        (seen(target="", error="no_permitted_route", dropped=[drop("away")]), "refused"),
        (seen(target="", error="no_permitted_route", dropped=[drop("away", "policy")]), "as_is"),
        (seen(target="", error="upstream_error", dropped=[drop("other")]), "as_is"),
        (seen(target="away", would_drop=[drop("away")]), "would_move"),
        (seen(target="away", ranked=["away"], would_drop=[drop("away")]), "would_refuse"),
        (seen(target="home", would_drop=[drop("away")]), "as_is"),
    ],
)
def test_what_happened(one, effect):
    assert effect_of(one) == effect


def test_kinds_are_those_of_the_evidence_each_once():
    found = ["iban", "iban", "secret:password", "custom:ticket", "session:email", "exception:pilot", "sealed:unseen"]
    evidence = [{"detector": name} for name in found]
    assert kinds_of(evidence) == ["custom:ticket", "iban", "sealed:unseen", "secret", "session:email"]


def test_a_request_counts_once_a_team_and_in_each_of_its_kinds():
    some = [seen(1, kinds=("iban", "email"), dropped=[drop("away")]), seen(2, kinds=("email",)), seen(3, kinds=())]
    (row,) = rows(some, "team")
    assert (row["team"], row["requests"], row["moved"], row["as_is"]) == ("t", 2, 1, 1)
    assert [(row["kind"], row["requests"]) for row in rows(some, "kind")] == [("email", 2), ("iban", 1)]
    assert rows(some, "key")[0]["examples"] == {"moved": ["dec_1"], "as_is": ["dec_2"]}


def test_three_decisions_are_named_for_each_effect():
    (row,) = rows([seen(number) for number in range(9)], "team")
    assert row["examples"] == {"as_is": ["dec_0", "dec_1", "dec_2"]}
