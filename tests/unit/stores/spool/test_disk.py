"""One thread does the disk's work, in order, and says how it ended."""

import threading

from gateway.stores.spool.disk import DiskThread


def test_work_is_done_in_order_and_its_end_is_reported():
    disk, seen = DiskThread(), []
    for number in range(5):
        disk.do(lambda number=number: seen.append(number), seen.append)
    disk.close()
    assert seen == [0, None, 1, None, 2, None, 3, None, 4, None]


def test_an_error_is_handed_to_who_asked_and_the_next_work_is_done():
    disk, seen = DiskThread(), []

    def fails() -> None:
        raise OSError("full")

    disk.do(fails, seen.append)
    disk.do(lambda: None, seen.append)
    disk.close()
    assert isinstance(seen[0], OSError)
    assert seen[1] is None


def test_nobody_who_asks_waits_for_the_work():
    disk, gate, seen = DiskThread(), threading.Event(), []
    disk.do(gate.wait, seen.append)
    assert seen == []
    gate.set()
    disk.close()
    assert seen == [None]


def test_an_event_loop_that_has_ended_does_not_end_the_thread():
    disk, seen = DiskThread(), []

    def gone(_error) -> None:
        raise RuntimeError("Event loop is closed")

    disk.do(lambda: None, gone)
    disk.do(lambda: None, seen.append)
    disk.close()
    assert seen == [None]
