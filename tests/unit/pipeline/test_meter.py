import pytest

from gateway.domain.facts import Facts
from gateway.domain.usage import Usage
from gateway.pipeline.meter import Meter
from gateway.wire.dialect import Answer

FACTS = Facts("t", "k", "m", "openai.chat", input_tokens=50)
ZERO = Usage()


class Reader:
    def __init__(self, usage=None, events=0, finish=""):
        self.usage, self.content_events, self.finish = usage, events, finish


def meter(**changes) -> Meter:
    made = Meter(1.0, **changes)
    made.sent()
    made.accepted()
    return made


def test_an_explicit_zero_of_a_complete_answer_stays_zero():
    assert meter(reader=Reader(ZERO, 5)).usage(FACTS, complete=True) == ZERO


def test_without_a_report_what_was_relayed_is_counted_and_marked():
    used = meter(reader=Reader(None, 5)).usage(FACTS, complete=True)
    assert used == Usage(input_tokens=50, output_tokens=5, estimated=True)


@pytest.mark.parametrize(("reported", "counted", "billed"), [(1, 5, 5), (9, 5, 9), (0, 0, 0)])
def test_of_a_broken_answer_the_larger_of_report_and_count_is_billed(reported, counted, billed):
    reader = Reader(Usage(input_tokens=7, output_tokens=reported), counted)
    used = meter(reader=reader).usage(FACTS, complete=False)
    assert used == Usage(input_tokens=7, output_tokens=billed, estimated=True)


def test_what_was_never_sent_costs_nothing_and_is_not_an_estimate():
    assert Meter(1.0).usage(FACTS, complete=False) == ZERO


def test_a_connection_that_was_never_made_costs_nothing():
    made = Meter(1.0)
    made.sent()
    made.broken(sent=False)
    assert made.usage(FACTS, complete=False) == ZERO


def test_what_may_have_run_costs_its_prompt():
    made = Meter(1.0)
    made.sent()
    made.broken(sent=True)
    assert made.usage(FACTS, complete=False) == Usage(input_tokens=50, estimated=True)


def test_a_refusal_costs_nothing_whatever_breaks_after_it():
    made = Meter(1.0)
    made.sent()
    made.refused()
    made.broken(sent=True)
    assert made.usage(FACTS, complete=False) == ZERO


def test_a_refusal_after_content_takes_nothing_back():
    made = meter(first_content=1.5, reader=Reader(None, 3))
    made.refused()
    assert made.usage(FACTS, complete=False) == Usage(input_tokens=50, output_tokens=3, estimated=True)


def test_a_whole_answer_without_a_report_is_counted_by_its_bytes():
    used = meter(answer=Answer(None, "stop", 9, None)).usage(FACTS, complete=True)
    assert used == Usage(input_tokens=50, output_tokens=3, estimated=True)


def test_the_finish_is_that_of_the_stream_or_of_the_answer():
    assert meter().finish == ""
    assert meter(reader=Reader(finish="stop")).finish == "stop"
    assert meter(answer=Answer(None, "length", 0, None)).finish == "length"


def test_the_time_to_first_content_is_unknown_until_there_is_some():
    assert meter().ttft is None
    assert meter(first_content=1.5).ttft == 0.5
