"""The ledger child counts what it shipped and tells what is left."""

from support.books import request

from gateway.telemetry import names
from gateway.telemetry.ledger_metrics import LedgerMetrics


def test_records_are_counted_by_kind_and_the_lag_is_that_of_the_last_round():
    metrics = LedgerMetrics()
    metrics.shipped([*request(1), *request(2)], 99)
    metrics.shipped(request(3)[:1], 7)
    text = metrics.render().decode()

    assert f'{names.LEDGER_SHIPPED}{{kind="decision"}} 3.0' in text
    assert f'{names.LEDGER_SHIPPED}{{kind="finished"}} 2.0' in text
    assert f"{names.LEDGER_LAG} 7.0" in text


def test_spans_add_up():
    metrics = LedgerMetrics()
    metrics.spans(3, 1)
    metrics.spans(0, 0)
    metrics.spans(4, 4)

    assert f"{names.SPANS_EXPORTED} 7.0" in metrics.render().decode()
    assert f"{names.SPANS_DROPPED} 5.0" in metrics.render().decode()


def test_a_round_that_shipped_nothing_counts_nothing():
    metrics = LedgerMetrics()
    metrics.shipped([], 0)

    assert names.LEDGER_SHIPPED + "{" not in metrics.render().decode()
