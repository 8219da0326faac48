"""A decision is a value with one form in bytes, and tells callers one reason."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.decision import REASONS, Decision, Dropped, Ranked

names = st.text(st.characters(codec="utf-8"), max_size=6)
reasons = st.sampled_from(REASONS)
ranked = st.builds(
    Ranked,
    names,
    st.sampled_from(["local", "closed"]),
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.none() | st.floats(0, 1),
)
dropped = st.builds(Dropped, names, names, reasons, names, names)
decisions = st.builds(
    Decision,
    model=names,
    ranked=st.lists(ranked, max_size=3).map(tuple),
    dropped=st.lists(dropped, max_size=3).map(tuple),
    reason=st.none() | reasons,
    rule=names,
    policy=names,
    facts=names,
    rollout=names,
    would_drop=st.lists(dropped, max_size=2).map(tuple),
    alarms=st.lists(names, max_size=2).map(tuple),
)


@given(decisions)
def test_all_its_forms_have_the_same_bytes_also_after_the_ledger(decision):
    assert orjson.dumps(decision.as_json()) == decision.canonical()
    assert orjson.dumps(decision.as_json()) == decision.canonical()
    assert orjson.dumps(orjson.loads(decision.canonical())) == decision.canonical()


@given(decisions, decisions)
def test_decisions_are_equal_exactly_if_their_bytes_are(one, two):
    assert (one.canonical() == two.canonical()) == (one == two)


def test_the_reasons_are_the_closed_list_of_the_contract_in_its_order():
    assert (
        *("failover", "spillover", "sensitivity", "policy", "capability", "budget", "quality", "rollout", "cost"),
        *("latency", "order", "only_candidate"),
    ) == REASONS


def nothing_permitted(rule: str) -> Decision:
    drops = (Dropped("a", "licences", "policy", ""), Dropped("b", "clearance", "sensitivity", ""))
    return Decision("auto", (), drops, None, rule, "p", "f")


def test_where_nothing_is_permitted_the_reason_is_that_of_the_rule_which_decided():
    assert nothing_permitted("clearance").shown_reason == "sensitivity"
    assert nothing_permitted("licences").shown_reason == "policy"
    assert nothing_permitted("").shown_reason is None


def test_where_a_target_was_chosen_the_reason_is_why_it_is_first():
    drops = (Dropped("b", "prefer", "sensitivity", ""),)
    decision = Decision("auto", (Ranked("a", "local", 1, 2, None),), drops, "cost", "prefer", "p", "f")

    assert decision.shown_reason == "cost"
