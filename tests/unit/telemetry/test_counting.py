"""What is counted in plain numbers is scraped as prometheus_client's own counters and histograms are, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, metrics

from gateway.telemetry.counting import Level, Spread, Tally

BOUNDS = (0.5, 1.0, 4.0)
words = st.sampled_from(["a", 'b"\\', "c\nd", "é", ""])
amounts = st.sampled_from([0, 1, 0.1, 7e-9, 4.0, 4.1, 1e15]) | st.floats(0, 1e6)
counted = st.lists(st.tuples(words, words, amounts), max_size=30)


@pytest.fixture(autouse=True, scope="module")
def one_moment():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: 1_795_000_000.25)
        yield


@given(counted, st.booleans())
def test_a_scrape_shows_what_prometheus_clients_own_would(values, created):
    own, theirs = CollectorRegistry(auto_describe=False), CollectorRegistry(auto_describe=False)
    tally = Tally("calls_total", "Calls.", ("team", "code"), own)
    spread = Spread("seconds", "Seconds.", ("team", "code"), BOUNDS, own)
    counter = Counter("calls_total", "Calls.", ("team", "code"), registry=theirs)
    histogram = Histogram("seconds", "Seconds.", ("team", "code"), registry=theirs, buckets=BOUNDS)
    for team, code, amount in values:
        tally.add((team, code), amount)
        counter.labels(team, code).inc(amount)
        spread.observe((code, team), amount)
        histogram.labels(code, team).observe(amount)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "_use_created", created)
        assert generate_latest(own) == generate_latest(theirs)


def test_a_level_is_scraped_as_a_gauge():
    own, theirs = CollectorRegistry(auto_describe=False), CollectorRegistry(auto_describe=False)
    level, gauge = Level("running", "Running.", own), Gauge("running", "Running.", registry=theirs)
    for each in (level, gauge):
        each.inc()
        each.inc()
        each.dec()

    assert generate_latest(own) == generate_latest(theirs)


def test_one_is_added_if_nothing_else_is_said():
    registry = CollectorRegistry(auto_describe=False)
    tally = Tally("calls_total", "Calls.", ("team",), registry)
    tally.add(("a",))
    tally.add(("a",))

    assert registry.get_sample_value("calls_total", {"team": "a"}) == 2
