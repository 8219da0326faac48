"""The records of a request are put together again, whatever else is under way."""

from itertools import permutations

from support.books import attempt, decision_made, finished, policy, request, settled

from gateway.telemetry import collect
from gateway.telemetry.collect import Collector


def test_a_request_comes_out_with_its_last_record_and_once():
    collector = Collector()
    made, started, ended, end = request(1)

    assert list(collector.feed([made, started, ended])) == []
    (exchange,) = collector.feed([end])
    assert (exchange.decision, exchange.attempts, exchange.finished) == (made, ((started, ended),), end)
    assert list(collector.feed([end])) == []


def test_requests_that_are_interleaved_are_kept_apart_and_come_out_as_they_end():
    one, two = request(1), request(2)
    records = [record for pair in zip(one, two, strict=True) for record in pair]
    exchanges = list(Collector().feed([*records[:-2], two[-1], one[-1]]))

    assert [exchange.finished.id for exchange in exchanges] == ["dec_000002", "dec_000001"]
    assert all(each.decision.id == each.finished.id == each.attempts[0][0].decision for each in exchanges)


def test_attempts_stand_in_order_of_their_number_however_their_records_came():
    attempts = [attempt(1, nth=nth) for nth in (1, 2, 3)]
    for order in permutations(attempts):
        records = [decision_made(1), *order, *[settled(1, nth=nth) for nth in (3, 1, 2)], finished(1, attempts=3)]
        (exchange,) = Collector().feed(records)

        assert [started.number for started, _ in exchange.attempts] == [1, 2, 3]
        assert all(started.id == ended.id for started, ended in exchange.attempts)


def test_a_request_without_an_attempt_is_a_request():
    (exchange,) = Collector().feed([decision_made(1), finished(1, status=403, error="no_permitted_route", attempts=0)])

    assert exchange.attempts == ()


def test_an_attempt_without_a_settlement_is_left_out():
    (exchange,) = Collector().feed([decision_made(1), attempt(1), attempt(1, nth=2), settled(1, nth=2), finished(1)])

    assert [started.number for started, _ in exchange.attempts] == [2]


def test_an_end_without_a_decision_is_no_request():
    assert list(Collector().feed([attempt(1), settled(1), finished(1), finished(2)])) == []


def test_policies_are_no_part_of_a_request():
    assert [each.decision.id for each in Collector().feed([policy(), *request(1), policy()])] == ["dec_000001"]


def test_what_is_remembered_is_bounded_and_the_oldest_is_forgotten(monkeypatch):
    monkeypatch.setattr(collect, "MOST_OPEN", 3)
    collector = Collector()
    requests = [request(number) for number in range(5)]
    for records in requests:
        assert list(collector.feed(records[:-1])) == []
    assert len(collector._open) == 3

    ended = [exchange.finished.id for records in requests for exchange in collector.feed(records[-1:])]
    assert ended == ["dec_000002", "dec_000003", "dec_000004"]
    assert collector._open == {}
