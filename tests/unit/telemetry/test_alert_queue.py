"""An alert that fails blocks no other, and an outage of the receiver loses none."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.alert_queue import FIRST_PAUSE_S, KEPT_S, LONGEST_PAUSE_S, MOST, AlertQueue


def queue(*ids: str, now: float = 0.0) -> AlertQueue:
    return AlertQueue([{"id": one} for one in ids], now)


def ids(waiting: AlertQueue) -> list[str]:
    return [alert["id"] for alert in waiting]


def run(waiting: AlertQueue, until: float, answers) -> list[tuple[float, str]]:
    """Let time pass; ``answers(id, now)`` is True, False, or None if nothing answers. Returns each try."""
    now, tries = 0.0, []
    while now < until:
        one, wait = waiting.next(now)
        if one is None:
            now += wait
            continue
        tries.append((now, one.alert["id"]))
        answer = answers(one.alert["id"], now)
        if answer:
            waiting.done(one, now)
        else:
            waiting.failed(one, now, away=answer is None)
    return tries


def test_they_are_sent_in_order():
    assert run(queue("a", "b", "c"), 1, lambda *_: True) == [(0, "a"), (0, "b"), (0, "c")]


def test_one_that_the_receiver_fails_on_is_retried_alone_and_delays_nobody():
    waiting = queue("bad", "b", "c")
    tries = run(waiting, 20, lambda one, _: one != "bad")

    assert tries[:3] == [(0, "bad"), (0, "b"), (0, "c")]
    assert tries[3:] == [(1, "bad"), (3, "bad"), (7, "bad"), (15, "bad")]
    assert ids(waiting) == ["bad"]


def test_a_new_alert_is_sent_at_once_while_another_waits_for_its_next_try():
    waiting = queue("bad")
    one, _ = waiting.next(0)
    waiting.failed(one, 0, away=False)
    waiting.put({"id": "new"}, 0.5)

    assert waiting.next(0.5)[0].alert == {"id": "new"}


def test_while_nothing_answers_one_at_a_time_is_tried_with_pauses_that_grow_to_a_bound():
    waiting = queue(*[f"a{number}" for number in range(100)])
    tries = run(waiting, 3600, lambda *_: None)
    pauses = [after - before for (before, _), (after, _) in pairwise(tries)]

    assert pauses[:4] == [FIRST_PAUSE_S, 2, 4, 8]
    assert max(pauses) == LONGEST_PAUSE_S
    assert len({one for _, one in tries}) == len(tries)  # never the same one in a row
    assert len(waiting._waiting) == 100


def test_an_outage_of_a_day_loses_nothing_and_all_are_sent_when_it_is_over():
    names = [f"a{number}" for number in range(50)]
    waiting, day = queue(*names), 86400.0
    tries = run(waiting, day + LONGEST_PAUSE_S + 1, lambda _, now: True if now >= day else None)
    delivered = [(now, one) for now, one in tries if now >= day]

    assert ids(waiting) == []
    assert sorted(one for _, one in delivered) == sorted(names)
    assert len({now for now, _ in delivered}) == 1  # in one go


def test_one_that_hangs_does_not_keep_the_others_from_a_receiver_that_is_there():
    """Nothing comes back for one of them, time after time."""
    waiting = queue("hangs", *[f"a{number}" for number in range(50)])
    run(waiting, 60, lambda one, _: None if one == "hangs" else True)

    assert ids(waiting) == ["hangs"]


def test_what_cannot_be_delivered_for_days_is_given_up():
    waiting = queue("bad")
    one, _ = waiting.next(0)

    assert waiting.failed(one, KEPT_S - 1, away=False)
    assert not waiting.failed(one, KEPT_S, away=False)
    assert ids(waiting) == []


def test_the_queue_is_bounded_and_the_oldest_goes_first():
    waiting = queue(*map(str, range(MOST)))

    assert waiting.put({"id": "new"}, 1) == {"id": "0"}
    assert (len(ids(waiting)), ids(waiting)[-1]) == (MOST, "new")
    assert len(ids(queue(*map(str, range(2 * MOST))))) == MOST


def test_one_that_was_dropped_while_it_was_sent_is_not_missed():
    waiting = queue(*map(str, range(MOST)))
    one, _ = waiting.next(0)
    waiting.put({"id": "new"}, 0)

    waiting.done(one, 0)
    assert len(ids(waiting)) == MOST


def test_an_empty_queue_waits_for_ever():
    assert queue().next(5) == (None, math.inf)


@given(st.lists(st.sampled_from([True, False, None]), max_size=200))
def test_no_pause_is_ever_longer_than_the_bound(answers):
    waiting, now = queue("a", "b", "c"), 0.0
    for answer in answers:
        one, wait = waiting.next(now)
        assert wait <= LONGEST_PAUSE_S or not ids(waiting)
        if one is None:
            if math.isinf(wait):
                return
            now += wait
            one, _ = waiting.next(now)
        waiting.done(one, now) if answer else waiting.failed(one, now, away=answer is None)
