"""The edge's metrics: true numbers under labels of which there are only so many."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.books import attempt, decision_made, finished, settled
from support.replacing import replace

from gateway.telemetry import names
from gateway.telemetry.exchange import Exchange
from gateway.telemetry.metrics import EdgeMetrics

NOT_OF_THE_EDGE = {
    names.EGRESS_SENT,
    names.EGRESS_REFUSED,
    names.EGRESS_OBSERVED,
    names.EGRESS_RESCAN,
    names.EGRESS_POLICY_OK,
    names.ANCHOR_FAILURES,
    names.BUDGET_BURN,
    names.BUDGET_ENDS,
    names.ALERTS,
    names.LEDGER_SHIPPED,
    names.LEDGER_LAG,
    names.LEDGER_BYTES,
    names.LEDGER_GROWTH,
    names.LEDGER_DAYS,
    names.SPANS_EXPORTED,
    names.SPANS_DROPPED,
}
UNBOUNDED = {"dec_000001", "key1", "auto", "ab" * 16}


def rendered(metrics, up=None, left=None, backlog=0) -> str:
    return metrics.render(up=up or {}, left=left or {}, backlog=backlog).decode()


def samples(text: str) -> dict[tuple[str, frozenset], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(metrics, name, **labels) -> float:
    return samples(rendered(metrics))[name, frozenset(labels.items())]


def test_a_served_request_is_counted_with_its_cost(served):
    metrics = EdgeMetrics()
    metrics.exchange(served)
    metrics.exchange(served)

    assert value(metrics, names.REQUESTS, team="support", target="home", zone="local", reason="cost", status="200") == 2
    assert value(metrics, names.ATTEMPTS, target="home", outcome="ok") == 2
    assert value(metrics, names.COST, team="support", target="home", zone="local") == pytest.approx(2 * 777e-9)
    assert value(metrics, names.REFERENCE_COST, team="support") == pytest.approx(2 * 9e-6)
    assert value(metrics, names.REQUEST_DURATION + "_sum", zone="local", stream="false") == pytest.approx(0.12)


def test_tokens_and_times_are_counted_by_model(served):
    metrics = EdgeMetrics()
    metrics.exchange(served)
    model = {
        "gen_ai_operation_name": "chat",
        "gen_ai_provider_name": "sglang",
        "gen_ai_request_model": "Qwen/Qwen3-32B",
    }

    assert value(metrics, names.GENAI_TOKENS + "_sum", gen_ai_token_type="input", **model) == 100
    assert value(metrics, names.GENAI_TOKENS + "_sum", gen_ai_token_type="output", **model) == 30
    assert value(metrics, names.GENAI_TTFT + "_sum", **model) == pytest.approx(0.02)
    assert value(metrics, names.GENAI_DURATION + "_sum", error_type="", **model) == pytest.approx(0.049)


def test_each_attempt_is_counted_and_each_is_paid(failed_over):
    metrics = EdgeMetrics()
    metrics.exchange(failed_over)

    assert value(metrics, names.ATTEMPTS, target="home", outcome="upstream_error") == 1
    assert value(metrics, names.ATTEMPTS, target="vendor", outcome="ok") == 1
    assert value(metrics, names.COST, team="support", target="vendor", zone="closed") == pytest.approx(5e-6)


def test_wrong_credentials_raise_an_alarm():
    metrics = EdgeMetrics()
    ended = settled(1, outcome="upstream_credentials", cost=0)
    metrics.exchange(Exchange(decision_made(1), ((attempt(1), ended),), finished(1, status=502)))

    assert value(metrics, names.CREDENTIAL_ALARMS, target="home") == 1


def test_a_request_that_nobody_served_has_the_target_none():
    metrics = EdgeMetrics()
    end = replace(finished(1, status=403, target="", zone="", reference=None), reason="")
    metrics.exchange(Exchange(decision_made(1), (), end))

    assert value(metrics, names.REQUESTS, team="support", target="none", zone="none", reason="none", status="403") == 1


def test_a_clock_that_was_set_back_makes_no_negative_duration(served):
    metrics = EdgeMetrics()
    metrics.exchange(replace(served, finished=replace(served.finished, at=0)))

    assert value(metrics, names.REQUEST_DURATION + "_sum", zone="local", stream="false") == 0


def test_what_ended_before_a_decision_is_counted_by_code_alone():
    metrics = EdgeMetrics()
    for number in range(50):
        metrics.refused("openai.chat", "not_authenticated", f"team{number}", f"dec_{number}")

    assert value(metrics, names.REFUSED, dialect="openai.chat", code="not_authenticated") == 50


def test_no_id_no_key_and_no_word_of_a_caller_is_a_label(served, failed_over):
    metrics = EdgeMetrics()
    metrics.exchange(served)
    metrics.exchange(failed_over)
    used = {label for _, labels in samples(rendered(metrics)) for _, label in labels}

    assert not used & UNBOUNDED


def test_ten_thousand_requests_of_one_kind_make_no_more_series_than_one(served):
    metrics = EdgeMetrics()
    metrics.exchange(served)
    before = len(samples(rendered(metrics)))
    for number in range(100):
        made = replace(served.decision, id=f"dec_{number}", key=f"key{number}", trace=served.decision.trace)
        metrics.exchange(replace(served, decision=replace(made, facts=made.facts | {"model": f"model{number}"})))

    assert len(samples(rendered(metrics))) == before


def test_gauges_are_what_they_are_at_the_moment():
    metrics = EdgeMetrics()
    for _ in range(4):
        metrics.in_flight.inc()
    metrics.in_flight.dec()
    first = samples(rendered(metrics, {"home": ("local", True)}, {"support": 1_500_000_000}, 42))
    second = samples(rendered(metrics, {"home": ("local", False)}, {}, 0))

    assert first[names.TARGET_UP, frozenset({("target", "home"), ("zone", "local")})] == 1
    assert first[names.BUDGET_LEFT, frozenset({("team", "support")})] == 1.5
    assert first[names.SPOOL_BACKLOG, frozenset()] == 42
    assert first[names.IN_FLIGHT, frozenset()] == 3
    assert second[names.TARGET_UP, frozenset({("target", "home"), ("zone", "local")})] == 0
    assert not [name for name, _ in second if name == names.BUDGET_LEFT]


def test_a_target_that_left_the_policy_leaves_the_metrics():
    metrics = EdgeMetrics()
    rendered(metrics, {"old": ("closed", True)})

    assert 'target="old"' not in rendered(metrics, {"new": ("closed", True)})


def test_one_policy_is_in_force_and_a_refused_one_is_reported():
    metrics = EdgeMetrics()
    metrics.policy("one", ok=True)
    metrics.policy("two", ok=True)
    metrics.policy("two", ok=False)
    text = rendered(metrics)

    assert value(metrics, names.POLICY_INFO, hash="two") == 1
    assert 'hash="one"' not in text
    assert value(metrics, names.POLICY_RELOAD_OK) == 0
    assert value(metrics, names.POLICY_RELOAD_FAILURES) == 1


@pytest.mark.parametrize("name", sorted(set(names.METRICS) - NOT_OF_THE_EDGE))
def test_every_name_of_the_edge_is_rendered_with_its_help(name):
    text = rendered(EdgeMetrics())

    assert f"# HELP {name} {names.METRICS[name]}" in text


def test_two_edges_in_one_process_count_apart(served):
    one, two = EdgeMetrics(), EdgeMetrics()
    one.exchange(served)

    assert names.REQUESTS + "{" in rendered(one)
    assert names.REQUESTS + "{" not in rendered(two)
