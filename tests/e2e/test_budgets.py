"""Budgets in a running gateway: never overspent, and remembered over a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.stack import stack


@pytest.fixture
def own(tmp_path):
    with stack(tmp_path) as made:
        for team in made.document["teams"]:
            if team["id"] == "data":
                team["budget"] = {"usd": 0.004, "per": "month", "covers": "closed", "on_exhausted": "reject"}
            if team["id"] == "support":
                team["budget"] = {"usd": 0.004, "per": "month", "covers": "closed", "on_exhausted": "local_only"}
        made.document["rollouts"] = []
        yield made


def spend(own, team, model="gpt-5"):
    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(lambda _: own.chat(team=team, model=model, max_tokens=48), range(36)))


def closed_nanos(own, team) -> int:
    settled = "select s.cost from settlements s join attempts a on a.id = s.attempt"
    return sum(row[0] for row in own.rows(f"{settled} where a.team = '{team}' and a.zone = 'closed'"))


def test_concurrent_calls_never_overspend_and_a_refusal_says_why(own):
    own.start()

    answers = spend(own, "data")

    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "budget_exceeded"
    assert refused.json()["error"]["retry_after_s"] > 0
    assert refused.headers["x-should-retry"] == "false"
    own.stop()
    assert 0 < closed_nanos(own, "data") <= 4_000_000


def test_local_only_goes_on_at_home_and_says_so(own):
    own.start()

    answers = spend(own, "support")

    assert {answer.status_code for answer in answers} == {200}
    moved = [answer for answer in answers if answer.headers["x-gateway-zone"] == "local"]
    assert {answer.headers["x-gateway-reason"] for answer in moved} == {"budget"}
    own.stop()
    assert 0 < closed_nanos(own, "support") <= 4_000_000


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_spend_of_the_month_survives_a_restart(own, how):
    own.start()
    spend(own, "data")
    left = float(own.get("/v1/gateway/me", "data").json()["budget"]["left_usd"])
    if how == "stop":
        own.stop()
    else:
        own.stop(9)

    own.start()

    assert float(own.get("/v1/gateway/me", "data").json()["budget"]["left_usd"]) == pytest.approx(left)
