"""Budgets beside a report: what each payer spent in its running period, out of the report's own sums."""

from gateway.domain.budget import Budget
from gateway.domain.costs import CostRow
from gateway.domain.team import Team
from gateway.reports.budgets import states

NOW = 1_795_348_800_000_000_000
"""2026-11-22 12:00 UTC."""
CASH = CostRow("", closed_cost=100, local_cost=7, input_tokens=50, output_tokens=10, local_tokens=20)
USED = {("a", "k1"): CASH, ("a", "k2"): CASH, ("b", "k3"): CASH}
DAILY = {(f"2026-11-{day}", team, key): CASH for day in (18, 19, 21) for team, key in USED}


def shown(by, *budgets, **more):
    teams = {"a": Team("a", "internal", budgets=budgets), "b": Team("b", "internal", budgets=budgets[:1])}
    asked = []

    def since(start):
        asked.append(start)
        return USED

    return states(by, teams, NOW, since, DAILY), asked


def test_a_budget_of_cash_counts_what_its_payer_sent_to_vendors():
    organization, team = Budget(usd_nanos=1000, payer="organization"), Budget(usd_nanos=500)
    found, asked = shown("team", organization, team)

    assert [(one.account.budget.payer, one.account.owner, one.spent) for one in found] == [
        ("organization", "", 300),
        ("team", "a", 200),
    ]
    assert set(asked) == {NOW - (21 * 24 + 12) * 3600 * 10**9}


def test_a_budget_of_all_counts_local_cost_and_one_of_tokens_tokens():
    (dollars, tokens), _ = shown("team", Budget(payer="organization"), Budget(usd_nanos=9, tokens=8, covers="all"))
    (closed,), _ = shown("team", Budget(payer="organization"), Budget(tokens=8))

    assert (dollars.spent, tokens.spent, closed.spent) == (214, 120, 80)


def test_keys_have_budgets_of_their_own_in_a_report_by_key():
    found, _ = shown("key", Budget(payer="organization"), Budget(usd_nanos=9, payer="key"))

    assert [(one.account.owner, one.spent) for one in found] == [("k1", 100), ("k2", 100)]


def test_days_without_anything_are_part_of_the_forecast():
    (team,), _ = shown("team", Budget(payer="organization"), Budget(usd_nanos=500))

    assert team.forecast.likely == 200 + round(150 * 8.5)  # three days of four had 200 each


def test_no_other_report_has_budgets():
    assert shown("model", Budget(usd_nanos=5)) == ((), [])
