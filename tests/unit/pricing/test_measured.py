from gateway.domain.records import GpuSample
from gateway.pricing.hour import HourTokens
from gateway.pricing.measured import GAP_NS, HOUR_NS, SKEW_NS, Measured, measure


def sample(at, tokens, *, server="a:1", running=0, speed=0.0, target="t"):
    way_in, cached, out = tokens
    return GpuSample(f"gpu_{at}_{server}", at, target, server, running, 0, speed, speed / 100, 0.5, way_in, cached, out)


def test_counters_of_all_servers_are_added_up_by_hour():
    found = measure(
        [
            sample(HOUR_NS + 5, (300, 100, 40), running=2, speed=50.0),
            sample(HOUR_NS - 9, (100, 10, 20)),
            sample(HOUR_NS - 7, (150, 20, 25)),
            sample(2, (1000, 0, 0), server="b:1"),
            sample(4, (1100, 0, 1), server="b:1", running=1),
            sample(4, (7, 7, 7), target="u"),
        ]
    )
    first, second = found["t", 0], found["t", HOUR_NS]

    assert (first.tokens, first.samples, first.busy_share) == (HourTokens(150, 10, 6), 4, 0.25)
    assert (second.tokens, second.peak_tokens_per_second, second.token_usage) == (HourTokens(150, 80, 15), 50.0, 0.5)
    assert second.cache_hit_rate == 80 / 150
    assert found["u", 0].tokens == HourTokens()


def test_a_restart_is_no_negative_work():
    found = measure([sample(1, (100, 50, 30)), sample(2, (10, 5, 3)), sample(3, (20, 5, 6))])

    assert found["t", 0].tokens == HourTokens(20, 5, 6)


def test_a_counter_that_outgrew_its_old_value_since_a_restart_counts_from_zero_too():
    found = measure([sample(1, (100, 50, 10)), sample(2, (150, 20, 5))])

    assert found["t", 0].tokens == HourTokens(150, 20, 5)


def test_samples_of_two_gateways_whose_clocks_differ_are_no_restart():
    mixed = [sample(1, (1000, 500, 100)), sample(2, (1030, 510, 105)), sample(3, (1020, 505, 103))]

    assert measure(mixed)["t", 0].tokens == HourTokens(30, 10, 5)
    assert measure([*mixed, sample(4, (1040, 510, 105))])["t", 0].tokens == HourTokens(40, 10, 5)
    assert measure([*mixed[:2], sample(SKEW_NS + 3, (1020, 505, 103))])["t", 0].tokens == HourTokens(1050, 515, 108)


def test_what_was_done_while_nobody_looked_is_in_no_hour():
    found = measure([sample(1, (100, 0, 0)), sample(GAP_NS + 2, (900, 0, 0)), sample(GAP_NS + 3, (901, 0, 0))])

    assert found["t", 0].tokens == HourTokens(1)


def test_nothing_measured_has_no_shares():
    assert (Measured().busy_share, Measured().cache_hit_rate) == (None, None)
