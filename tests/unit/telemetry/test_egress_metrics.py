from gateway.telemetry.egress_metrics import EgressMetrics


def test_what_left_and_what_did_not_is_counted():
    metrics = EgressMetrics()
    metrics.sent("away", 200)
    metrics.refused("replayed")
    text = metrics.render().decode()
    assert 'gateway_egress_sent_total{status="200",target="away"} 1.0' in text
    assert 'gateway_egress_refused_total{code="replayed"} 1.0' in text
