from support.exchanges import failed_over

from gateway.telemetry.ledger_metrics import LedgerMetrics


def test_what_was_shipped_is_counted_by_kind():
    done, metrics = failed_over(), LedgerMetrics()
    metrics.shipped([done.decision, *(record for pair in done.attempts for record in pair)], 7)
    metrics.shipped([], 0)
    metrics.spans(4)
    text = metrics.render().decode()
    assert 'gateway_ledger_shipped_records_total{kind="attempt"} 2.0' in text
    assert 'gateway_ledger_shipped_records_total{kind="decision"} 1.0' in text
    assert "gateway_ledger_lag_bytes 0.0" in text
    assert "gateway_spans_exported_total 4.0" in text
