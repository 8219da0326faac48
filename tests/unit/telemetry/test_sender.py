"""What waits is bounded, what does not fit is dropped and counted, and nobody who hands spans over waits."""

import threading

import pytest

from gateway.telemetry.sender import Limits, Sender

SPANS = [b"1", b"2", b"3"]
LONG_S = 60.0


class End:
    """Takes batches, at first only when it is let go."""

    def __init__(self):
        self.batches = []
        self.arrived, self.go = threading.Event(), threading.Event()
        self.answer = True

    def send(self, batch):
        self.arrived.set()
        self.go.wait(LONG_S)
        self.batches.append(batch)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def end():
    made = End()
    yield made
    made.go.set()


def test_all_that_is_queued_is_sent_at_the_end_in_order(end):
    sender = Sender(end.send, Limits(10, 2, LONG_S))
    end.go.set()
    assert sender.put(SPANS)
    sender.close(LONG_S)

    assert [span for batch in end.batches for span in batch] == SPANS
    assert max(map(len, end.batches)) == 2
    assert sender.dropped == 0


def test_a_full_batch_is_sent_at_once_and_less_after_the_delay(end):
    end.go.set()
    Sender(end.send, Limits(10, 3, LONG_S)).put(SPANS)
    assert end.arrived.wait(LONG_S)
    end.arrived.clear()
    Sender(end.send, Limits(10, 4, 0.001)).put(SPANS)
    assert end.arrived.wait(LONG_S)


def test_what_does_not_fit_is_dropped_and_counted_and_nobody_waits(end):
    sender = Sender(end.send, Limits(4, 3, LONG_S))
    assert sender.put(SPANS)
    assert end.arrived.wait(LONG_S)  # the other end has these and does not answer

    assert [sender.put(SPANS), sender.put(SPANS), sender.put([b"4"]), sender.put([b"5"])] == [True, False, True, False]
    assert sender.dropped == 4
    end.go.set()
    sender.close(LONG_S)
    assert [span for batch in end.batches for span in batch] == [*SPANS, *SPANS, b"4"]


@pytest.mark.parametrize("answer", [False, OSError("away")])
def test_what_the_other_end_does_not_take_is_counted_and_the_next_is_sent(end, answer):
    sender = Sender(end.send, Limits(10, 1, LONG_S))
    end.answer = answer
    sender.put([b"1", b"2"])
    end.go.set()
    sender.close(LONG_S)

    assert len(end.batches) == 2
    assert sender.dropped == 2


def test_an_end_that_hangs_does_not_hold_up_the_stop(end):
    sender = Sender(end.send, Limits(10, 3, LONG_S))
    sender.put(SPANS)
    assert end.arrived.wait(LONG_S)
    sender.put([b"4"])
    sender.close(0.01)

    assert not end.go.is_set()
    assert sender.dropped == 1
    assert not sender.put([b"5"])


@pytest.mark.parametrize(
    ("environ", "limits"),
    [
        ({}, Limits(8192, 512, 5.0)),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_SCHEDULE_DELAY": "250"}, Limits(100, 100, 0.25)),
        ({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "64"}, Limits(8192, 64, 5.0)),
        ({"OTEL_BSP_MAX_QUEUE_SIZE": "-1", "OTEL_BSP_SCHEDULE_DELAY": "soon"}, Limits()),
    ],
)
def test_the_limits_are_those_of_opentelemetry_s_variables(environ, limits):
    assert Limits.of(environ) == limits
