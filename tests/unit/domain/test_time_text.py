"""Times for people and programs."""

from gateway.domain.time_text import utc


def test_a_time_is_shown_in_utc_to_the_second_and_no_time_stays_none():
    assert utc(1_800_000_000.9) == "2027-01-15T08:00:00Z"
    assert utc(None) is None
