"""Which alerts budgets raise, and that each is raised once."""

from gateway.domain.budget import NS, Budget, accounts
from gateway.estimation import alerts
from gateway.estimation.alerts import Watch

START = 1_790_812_800
"""2026-10-01."""
FIRES = {"budget_burning", "budget_recovered"}
HOUR, DAY = 3600, 86_400
LIMIT = 744 * NS
"""A dollar an hour."""


def account(at_s, **more):
    budget = Budget(usd_nanos=LIMIT, soft=(50, 80), **more)
    return accounts((budget,), "support", "", at_s * NS)[0]


def watched(watch, hours, dollars_an_hour, spent=0, start=START):
    """Look every five minutes; return the alerts that were raised, and what is spent."""
    raised = []
    for step in range(int(hours * 12)):
        at = start + step * 300
        raised += watch.look([(account(at), spent)], at * NS)
        spent += int(dollars_an_hour * NS / 12)
    return raised, spent


def kinds(raised):
    return [alert.kind for alert in raised]


def test_an_even_pace_is_nobodys_business():
    assert watched(Watch(), 48, 0.9)[0] == []


def test_a_fire_is_reported_once_and_its_end_once():
    watch = Watch()
    fire, spent = watched(watch, 4, 20)
    assert kinds(fire) == ["budget_burning"]
    assert "1h at" in fire[0].detail
    assert ("team:support", "1h") in watch.burns
    after, _ = watched(watch, 6, 0, spent, START + 4 * HOUR)
    assert kinds(after) == ["budget_recovered"]


def test_soft_limits_and_the_end_are_reported_once_a_period():
    watch = Watch()
    for day, spent in enumerate((0.4, 0.55, 0.6, 0.85, 1.1, 1.2)):
        at = START + day * DAY
        raised = watch.look([(account(at), int(spent * LIMIT))], at * NS)
        expected = {1: ["50 %"], 3: ["80 %"], 4: ["100 %"]}.get(day, [])
        assert [alert.detail for alert in raised if alert.kind not in FIRES] == expected
    at = START + 31 * DAY
    again = watch.look([(account(at), int(0.9 * LIMIT))], at * NS)
    assert [alert.detail for alert in again if alert.kind not in FIRES] == ["50 %", "80 %"]


def test_the_date_of_the_end_is_reported():
    watch = Watch()
    watched(watch, 80, 2)
    assert 0 < watch.ends["team:support"] < 20 * DAY


def test_an_alert_holds_ids_and_money_alone():
    fire, _ = watched(Watch(), 4, 20)
    assert set(fire[0].as_json()) == {
        "id", "type", "at", "payer", "owner", "period", "limit_usd", "spent_usd", "detail", "exhaustion"
    }  # fmt: skip


def test_what_is_reported_once_a_period_is_known_again_after_a_restart():
    (before,) = Watch().look([(account(START), LIMIT * 6 // 10)], START * NS)
    (after,) = Watch().look([(account(START + DAY), LIMIT * 7 // 10)], (START + DAY) * NS)
    assert before.id == after.id


def limited(at_s, usd, **more):
    return accounts((Budget(usd_nanos=usd * NS, **more),), "support", "key1", at_s * NS)[0]


def test_two_limits_on_one_counter_are_reported_separately():
    """One burns, the other does not: neither raises its alert again and again."""
    watch, raised = Watch(), []
    for step in range(4 * 12):
        at = START + step * 300
        spent = step * 20 * NS // 12
        raised += watch.look([(limited(at, 744), spent), (limited(at, 744_000), spent)], at * NS)
    assert kinds(raised) == ["budget_burning"]
    at = START + 4 * HOUR
    raised = watch.look([(limited(at, 40), 80 * NS), (limited(at, 60), 80 * NS)], at * NS)
    ends = [alert.id for alert in raised if alert.kind == "budget_exhausted"]
    assert len(ends) == len(set(ends)) == 2


def test_a_budget_in_tokens_is_reported_in_tokens():
    watch = Watch()
    (account,) = accounts((Budget(tokens=1000, soft=(50,)),), "support", "", START * NS)
    (alert,) = watch.look([(account, 600)], START * NS)
    data = alert.as_json()
    assert (data["limit_tokens"], data["spent_tokens"], "limit_usd" in data) == (1000, 600, False)


def test_with_more_counters_than_can_be_followed_limits_are_still_reported(monkeypatch):
    monkeypatch.setattr(alerts, "MOST", 1)
    watch = Watch()
    budget = Budget(usd_nanos=LIMIT, payer="key")
    many = [accounts((budget,), "t", key, START * NS)[0] for key in ("a", "b")]
    raised = []
    for step in range(4 * 12):
        raised += watch.look([(one, step * 20 * NS // 12) for one in many], (START + step * 300) * NS)
    assert [(alert.kind, alert.account.owner) for alert in raised] == [("budget_burning", "a")]
    raised = watch.look([(one, LIMIT) for one in many], (START + 4 * HOUR) * NS)
    assert [alert.account.owner for alert in raised if alert.kind == "budget_exhausted"] == ["a", "b"]


def test_metrics_have_no_label_for_each_key():
    watch = Watch()
    budgets = (Budget(usd_nanos=LIMIT, payer="key"), Budget(usd_nanos=LIMIT), Budget(tokens=LIMIT))
    for step in range(81 * 12):
        at = START + step * 300
        watch.look([(one, step * 2 * NS) for one in accounts(budgets, "support", "key1", at * NS)], at * NS)
    assert set(watch.ends) == {"team:support", "team:support:tokens"}
    assert {label for label, _ in watch.burns} == {"team:support", "team:support:tokens"}
