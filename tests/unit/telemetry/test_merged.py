"""Metrics of several workers, as those of one."""

from prometheus_client.parser import text_string_to_metric_families

from gateway.telemetry.merged import merged
from gateway.telemetry.metrics import EdgeMetrics


def worker(*, in_flight: int, refused: int, left: int, ok: bool, up: bool) -> bytes:
    metrics = EdgeMetrics()
    metrics.in_flight.inc(in_flight)
    for _ in range(refused):
        metrics.refused("openai_chat", "not_authenticated", "", "")
    metrics.policy("abc", ok=ok)
    return metrics.render(up={"qwen": ("local", up)}, left={"data": left}, backlog=7)


def values(text: bytes) -> dict[str, float]:
    families = text_string_to_metric_families(text.decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_counts_are_added_and_of_a_state_the_right_one_is_reported():
    one = worker(in_flight=2, refused=3, left=4_000_000_000, ok=True, up=True)
    other = worker(in_flight=1, refused=4, left=3_000_000_000, ok=False, up=False)

    found = values(merged([one, other]))

    assert found["gateway_in_flight_requests"] == 3
    assert found["gateway_refused_total"] == 7
    assert found["gateway_budget_left_usd"] == 3
    assert found["gateway_policy_reload_ok"] == 0
    assert found["gateway_target_up"] == 1
    assert found["gateway_spool_backlog_bytes"] == 7
    assert found["gateway_policy_info"] == 1


def test_each_family_is_reported_once():
    text = merged([worker(in_flight=0, refused=1, left=1, ok=True, up=True)] * 2).decode()

    heads = [line for line in text.splitlines() if line.startswith("# TYPE ")]
    assert len(heads) == len(set(heads)) > 10


def test_one_worker_s_metrics_keep_their_values():
    text = worker(in_flight=2, refused=3, left=4_500_000_000, ok=True, up=True)

    assert values(merged([text])) == values(text)


def test_none_is_nothing():
    assert merged([]) == b""
