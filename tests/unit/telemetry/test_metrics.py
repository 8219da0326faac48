"""The edge's metrics: counted from records, with label values of a policy's own words only."""

from support.exchanges import exchange, failed_over, refused
from support.fakes import FakeUpstream, ask, whole

from gateway.telemetry.metrics import EdgeMetrics


def shown(*done, **more) -> str:
    metrics = EdgeMetrics()
    for each in done:
        metrics.exchange(each)
    return metrics.render(**({"up": {}, "left": {}, "backlog": 0} | more)).decode()


def test_a_request_and_its_attempts_are_counted():
    text = shown(failed_over())
    assert 'gateway_requests_total{reason="failover",status="200",target="away",team="t",zone="closed"} 1.0' in text
    assert 'gateway_attempts_total{outcome="upstream_saturated",target="home"} 1.0' in text
    assert 'gateway_attempts_total{outcome="ok",target="away"} 1.0' in text
    assert 'gateway_cost_usd_total{target="away",team="t",zone="closed"} 2e-05' in text
    assert 'gateway_request_duration_seconds_count{stream="true",zone="closed"} 1.0' in text
    assert 'gen_ai_token_type="output"' in text


def test_a_refusal_is_counted_without_a_target():
    text = shown(refused())
    assert 'gateway_requests_total{reason="sensitivity",status="403",target="none",team="t",zone="none"} 1.0' in text
    assert "gateway_attempts_total{" not in text


def test_what_the_reference_would_have_cost_is_added_up():
    teams = [{"id": "t", "default_class": "public", "reference": "away"}]
    assert 'gateway_reference_cost_usd_total{team="t"} 2e-05' in shown(exchange(changes={"teams": teams}))
    assert "gateway_reference_cost_usd_total{" not in shown(exchange())


def test_refused_credentials_raise_an_alarm():
    done = exchange(FakeUpstream(home=whole({}, status=401), away=whole()))
    assert 'gateway_upstream_credential_failures_total{target="home"} 1.0' in shown(done)


def test_no_word_of_a_caller_is_a_label():
    done = exchange(
        body=ask("x", user="Quokka", model="Quokka-1"),
        changes={"models": [{"match": "Quokka-*", "candidates": ["home", "away"]}]},
        x_gateway_task="Quokka",
        user_agent="Quokka",
        x_gateway_session="Quokka",
    )
    assert "Quokka" not in shown(done)


def test_a_hundred_callers_make_no_more_series_than_one():
    one = [exchange(body=ask(str(number), user=str(number)), x_gateway_task=str(number)) for number in range(3)]
    lines = {line.split(" ")[0] for line in shown(*one).splitlines() if "_created" not in line}
    assert lines == {line.split(" ")[0] for line in shown(one[0]).splitlines() if "_created" not in line}


def test_undecided_requests_are_counted_by_dialect_and_code():
    metrics = EdgeMetrics()
    metrics.refused("openai.chat", "not_authenticated", "", "dec_1")
    text = metrics.render(up={}, left={}, backlog=0).decode()
    assert 'gateway_refused_total{code="not_authenticated",dialect="openai.chat"} 1.0' in text


def test_states_are_those_of_the_moment():
    text = shown(up={"home": ("local", True), "away": ("closed", False)}, left={"t": 1_500_000_000}, backlog=9)
    assert 'gateway_target_up{target="home",zone="local"} 1.0' in text
    assert 'gateway_target_up{target="away",zone="closed"} 0.0' in text
    assert 'gateway_budget_left_usd{team="t"} 1.5' in text
    assert "gateway_spool_backlog_bytes 9.0" in text


def test_one_policy_is_in_force_and_a_refused_one_raises_an_alarm():
    metrics = EdgeMetrics()
    metrics.policy("old", ok=True)
    metrics.policy("new", ok=True)
    metrics.policy("new", ok=False)
    text = metrics.render(up={}, left={}, backlog=0).decode()
    assert 'gateway_policy_info{hash="new"} 1.0' in text
    assert 'hash="old"' not in text
    assert "gateway_policy_reload_ok 0.0" in text
    assert "gateway_policy_reload_failures_total 1.0" in text
