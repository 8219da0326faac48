from support.exchanges import failed_over, refused

from gateway.domain.records import PolicyLoaded
from gateway.telemetry import collect
from gateway.telemetry.collect import Collector


def records(done) -> list:
    pairs = [record for pair in done.attempts for record in pair]
    return [done.decision, *pairs, done.finished]


def test_records_become_a_request_again_whatever_batches_they_come_in():
    done = failed_over()
    for size in range(1, 7):
        collector, whole = Collector(), records(done)
        batches = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [found for batch in batches for found in collector.feed(batch)] == [done]


def test_requests_that_run_at_once_are_kept_apart():
    one, other = failed_over(), refused()
    object.__setattr__(other.decision, "id", "dec_2")
    object.__setattr__(other.finished, "id", "dec_2")
    mixed = [
        one.decision,
        other.decision,
        *(record for pair in one.attempts for record in pair),
        other.finished,
        one.finished,
    ]
    assert list(Collector().feed(mixed)) == [other, one]


def test_what_has_no_beginning_has_no_trace():
    done = failed_over()
    assert list(Collector().feed([PolicyLoaded("p", 1, "{}"), *records(done)[1:]])) == []
    assert list(Collector().feed([done.finished])) == []


def test_an_attempt_without_its_settlement_is_left_out():
    done = failed_over()
    (found,) = Collector().feed([record for record in records(done) if record is not done.attempts[0][1]])
    assert found.attempts == done.attempts[1:]


def test_memory_is_bounded_and_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(collect, "MOST_OPEN", 2)
    collector = Collector()
    done = failed_over()
    list(collector.feed([done.decision]))
    for number in range(2):
        other = refused().decision
        object.__setattr__(other, "id", f"dec_{number + 5}")
        list(collector.feed([other]))
    assert len(collector._open) == 2
    assert list(collector.feed([done.finished])) == []
