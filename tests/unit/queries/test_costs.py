"""A cost report is of those teams alone that may be seen, whatever the grouping."""

import pytest
from support.books import NOON, request, ship, write

from gateway.domain.costs import GROUPINGS
from gateway.queries.costs import CostQuery, cost_report
from gateway.reports.costs import as_json
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader

DAY = 86_400_000_000_000


@pytest.fixture
def books(data):
    write(data, *request(1, cost=100), *request(2, team="legal", cost=20))
    ship(data)
    rest = [*request(3, team="search", cost=3, at=NOON + DAY), *request(4, team="legal", cost=4, at=NOON + DAY)]
    write(data, *rest, instance="ins_b")
    return data


def report(data, by, teams, **only):
    span = Span(NOON - 20 * DAY, NOON + 8 * DAY, "2026-11-02", "2026-11-30")
    return as_json(cost_report(LedgerReader(data), CostQuery(by, span, NOON + 8 * DAY, only, teams=teams)))


def spend(costs):
    return {row["name"]: (row["requests"], row["spend_usd"]) for row in costs["rows"]}


@pytest.mark.parametrize("by", GROUPINGS)
def test_a_lead_s_sums_are_those_of_its_teams_however_they_are_grouped(books, by):
    costs = report(books, by, frozenset({"legal", "search"}))

    assert (costs["total"]["requests"], costs["total"]["spend_usd"]) == (3, "0.000000027")
    assert sum(row["requests"] for row in costs["rows"]) == 3


def test_rows_of_several_teams_are_added_up(books):
    teams = frozenset({"legal", "search"})

    assert spend(report(books, "day", teams)) == {"2026-11-22": (1, "0.00000002"), "2026-11-23": (2, "0.000000007")}
    assert spend(report(books, "team", teams)) == {"legal": (2, "0.000000024"), "search": (1, "0.000000003")}
    assert spend(report(books, "team", teams, team="legal")) == {"legal": (2, "0.000000024")}
    assert spend(report(books, "team", teams, team="support")) == {}
    assert spend(report(books, "model", frozenset())) == {}


def test_one_who_may_see_all_gets_the_whole_report(books):
    assert set(spend(report(books, "team", None))) == {"support", "legal", "search"}


def test_what_belongs_to_no_team_is_not_in_a_lead_s_report(books):
    costs = report(books, "target", frozenset({"legal"}))

    assert costs["budgets"] == []
    assert costs["total"]["gpu_idle_usd"] is None
