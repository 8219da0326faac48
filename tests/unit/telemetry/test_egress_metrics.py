"""The egress counts what left and what did not."""

from gateway.telemetry import names
from gateway.telemetry.egress_metrics import EgressMetrics


def test_calls_are_counted_by_target_and_status_and_refusals_by_code():
    metrics = EgressMetrics()
    metrics.sent("away", 200)
    metrics.sent("away", 200)
    metrics.sent("away", 429)
    metrics.refused("replayed")
    text = metrics.render().decode()

    assert f'{names.EGRESS_SENT}{{status="200",target="away"}} 2.0' in text
    assert f'{names.EGRESS_SENT}{{status="429",target="away"}} 1.0' in text
    assert f'{names.EGRESS_REFUSED}{{code="replayed"}} 1.0' in text


def test_every_name_of_the_egress_is_rendered_before_anything_happened():
    text = EgressMetrics().render().decode()

    assert f"# TYPE {names.EGRESS_SENT} counter" in text
    assert f"# TYPE {names.EGRESS_REFUSED} counter" in text
