"""After its start a process looks for no cycles in what lives as long as itself, and seldom elsewhere."""

import gc

from gateway.bootstrap.settle import settle


def test_what_the_start_has_made_is_out_of_the_collector_s_sight():
    before, threshold = gc.get_freeze_count(), gc.get_threshold()
    try:
        settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()


def test_a_burst_of_calls_makes_the_collector_look_for_nothing():
    before = gc.get_threshold()
    try:
        settle()
        collections = gc.get_stats()[0]["collections"]
        kept = [[number] for number in range(4_000)]
        assert gc.get_stats()[0]["collections"] == collections
        assert len(kept) == 4_000
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
