"""The entries of a team: each where its key says, the oldest first to go, and nothing that the collector looks into."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import Category, DataClass, Label
from gateway.stores.sessions.entries import Entries, SessionEntry

EMAIL = Label(DataClass.CONFIDENTIAL, frozenset({Category.PII}))


def filled(*ends: float) -> Entries:
    entries = Entries()
    for number, end in enumerate(ends):
        entries.put(f"k{number}", SessionEntry(end, 0.0))
    return entries


def test_what_was_put_comes_back():
    entries = Entries()
    entries.put("a", SessionEntry(5.0, 1.0, vendor="v").labelled({"email": EMAIL}))

    found = entries.get("a")
    assert found is not None
    assert (found.ends, found.journalled, found.vendor, found.labels) == (5.0, 1.0, "v", {"email": EMAIL})
    assert entries.get("b") is None


def test_a_change_keeps_its_place_and_a_use_does_not():
    entries = filled(1.0, 2.0)
    entries.change("k0", SessionEntry(1.0, 9.0))
    entries.drop_oldest()
    assert list(entries) == ["k1"]

    entries = filled(1.0, 2.0)
    entries.put("k0", SessionEntry(3.0, 0.0))
    entries.drop_oldest()
    assert list(entries) == ["k0"]


@given(st.lists(st.integers(0, 20), max_size=300), st.integers(0, 20), st.integers(1, 50))
def test_all_that_has_ended_goes_in_slices_and_nothing_else(ends, now, most):
    entries = filled(*sorted(ends))
    rounds = 0
    while True:
        before = len(entries)
        more = entries.forget(now, most)
        assert before - len(entries) <= most
        rounds += 1
        if not more:
            break

    assert rounds <= len(ends) // most + 2
    assert sorted(entries) == sorted(f"k{number}" for number, end in enumerate(sorted(ends)) if end > now)


def test_what_was_read_in_any_order_ends_in_order():
    entries = filled(3.0, 1.0, 2.0)
    entries.sort()
    entries.forget(1.0, 10)
    assert sorted(entries) == ["k0", "k2"]


@pytest.mark.parametrize("labels", [{}, {"email": EMAIL}])
def test_the_garbage_collector_passes_over_entries(labels):
    entries = filled(*range(1000))
    for number in range(1000):
        entries.put(f"k{number}", SessionEntry(float(number), 0.0).labelled(labels))
    gc.collect()

    fields = [getattr(drawer, name) for drawer in entries._drawers for name in drawer.__slots__]
    assert sum(map(len, fields)) >= 3000
    assert not any(map(gc.is_tracked, fields))
