from dataclasses import fields

from support.exchanges import failed_over

from gateway.telemetry.exchange import Exchange


def test_an_exchange_is_a_decision_its_attempts_and_an_end_and_nothing_else():
    assert [field.name for field in fields(Exchange)] == ["decision", "attempts", "finished"]
    done = failed_over()
    assert [started.number for started, _ in done.attempts] == [1, 2]
    assert all(started.id == settled.id for started, settled in done.attempts)
