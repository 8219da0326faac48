"""The policy decides who pays for a call, and the caller learns what is missing."""

import pytest
from support.fakes import AT_NS, policy
from support.replacing import replace

from gateway.domain.admission import Admission
from gateway.domain.errors import BudgetExceeded, RateLimited
from gateway.domain.facts import UNBOUNDED, Facts
from gateway.estimation.cost import hold
from gateway.pipeline.payment import charges, entries, exhausted, least_left, paying, refuse, used
from gateway.policy.rules.budget import Unpaid

FACTS = Facts("t", "k", "auto", "openai.chat", input_tokens=10, input_bytes=40, max_tokens=1000, typical=(("away", 5),))


def paid(*budgets):
    snapshot = policy(teams=[{"id": "t", "default_class": "public", "budget": list(budgets)}])
    return snapshot, paying(snapshot.teams["t"], "k", AT_NS)


class State:
    def used(self, counter):
        return 3, 4


def test_a_strict_budget_holds_the_bound_and_another_what_is_usual():
    snapshot, accounts = paid({"usd": 1, "strict": True}, {"usd": 2, "per": "day"})
    bound, usual = (entry.amount for entry in entries(accounts, snapshot.targets["away"], FACTS))
    assert usual < bound


def test_an_attempt_holds_the_bound_that_its_decision_reckoned_with():
    snapshot, accounts = paid({"usd": 1, "tokens": 99, "strict": True}, {"usd": 2, "per": "day"})
    away = snapshot.targets["away"]
    assert entries(accounts, away, FACTS, hold(away, FACTS)) == entries(accounts, away, FACTS)


def test_a_strict_budget_refuses_a_call_without_a_bound_and_says_what_to_do():
    snapshot, accounts = paid({"usd": 1, "strict": True})
    _, loose = paid({"usd": 1})
    endless = replace(FACTS, fetches=UNBOUNDED)
    with pytest.raises(BudgetExceeded, match="max_uses"):
        entries(accounts, snapshot.targets["away"], endless)
    error = exhausted(snapshot.teams["t"], endless, [Unpaid(one.budget, one.unit, "") for one in accounts], AT_NS)

    assert "max_uses" in str(error)
    assert entries(accounts, snapshot.targets["home"], endless) == ()
    assert entries(loose, snapshot.targets["away"], endless)[0].amount > 0


def test_budgets_that_count_the_same_share_a_counter_and_refuse_at_the_smaller_limit():
    snapshot, accounts = paid({"usd": 2}, {"usd": 1, "strict": True})
    (entry,) = entries(accounts, snapshot.targets["away"], FACTS)
    assert (entry.limit, entries(accounts, snapshot.targets["home"], FACTS)) == (10**9, ())
    assert entry.amount == entries(accounts[1:], snapshot.targets["away"], FACTS)[0].amount


def test_an_entry_knows_when_the_period_of_its_counter_ends():
    snapshot, accounts = paid({"usd": 2, "per": "day"}, {"usd": 3, "per": "month"})
    found = entries(accounts, snapshot.targets["away"], FACTS)
    midnight = (AT_NS // 10**9 // 86_400 + 1) * 86_400
    assert (found[0].ends, found[1].ends > midnight) == (midnight, True)
    assert [one.ends for one in found] == [account.period.end_ns // 10**9 for account in accounts]


def test_a_call_is_charged_in_each_unit_where_a_budget_covers_it():
    snapshot, accounts = paid({"usd": 2, "tokens": 9}, {"tokens": 5, "covers": "all"})
    assert sorted(charges(accounts, snapshot.targets["away"], 7, 30).values()) == [7, 30, 30]
    assert list(charges(accounts, snapshot.targets["home"], 7, 30).values()) == [30]


def test_the_least_left_in_dollars_is_a_fact_and_all_of_it_if_there_is_more_to_tell():
    _, one = paid({"usd": 2})
    _, more = paid({"usd": 2}, {"usd": 1, "per": "day"})
    assert (least_left(one, State()), used(one, State())) == (2 * 10**9 - 7, ())
    assert least_left(more, State()) == 10**9 - 7
    assert [value for _, value in used(more, State())] == [7, 7]


def test_a_refusal_by_policy_tells_of_the_limit_that_is_reached_and_of_no_other():
    snapshot, (dollars, tokens) = paid({"usd": 500, "tokens": 5})
    short = [Unpaid(tokens.budget, "tokens", "")]
    facts = replace(FACTS, used=((dollars.budget.name("usd"), 0), (tokens.budget.name("tokens"), 3)))
    error = exhausted(snapshot.teams["t"], facts, short, AT_NS)
    assert "has 2 tokens left of its 5 tokens" in str(error)


def test_a_refusal_says_whose_budget_is_short_and_when_it_begins_anew():
    snapshot, accounts = paid({"tokens": 5})
    held = entries(accounts, snapshot.targets["away"], FACTS)
    with pytest.raises(BudgetExceeded, match=r"team 't' has 2 tokens left of its 5 tokens for 2026-\d\d") as refused:
        refuse(Admission(short=held[0].counter, left=2), held, accounts, "", AT_NS)
    assert refused.value.retry_after == -(-(accounts[0].period.end_ns - AT_NS) // 10**9)
    with pytest.raises(RateLimited, match="in 7 s"):
        refuse(Admission(wait_s=7), (), (), "", AT_NS)
    refuse(Admission(), held, accounts, "", AT_NS)
