"""Idle hardware is what is left of the bill of a measured hour."""

from gateway.domain.label import Clearance
from gateway.domain.price import GpuHour, Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import Target
from gateway.pricing.hour import HourTokens
from gateway.pricing.measured import HOUR_NS, Measured
from gateway.reports.idle import idle_by_day

PRICE = Price(1000, 1000, 100, 1000, "gpu")
TARIFF = Tariff((TariffPeriod(0, (Tier("", 0, PRICE),), hour=GpuHour(10_000_000_000, 1_000_000)),))
OWN = Target("own", "local", "sglang", "m", (), Clearance(), PRICE, {}, 8, 8, tariff=TARIFF)
DAY = 20_000 * 24


def test_hours_of_a_day_are_added_up():
    hours = {
        ("own", DAY * HOUR_NS): Measured(HourTokens(100_000, 0, 200_000)),
        ("own", (DAY + 1) * HOUR_NS): Measured(HourTokens(0, 0, 1_000_000)),
        ("own", (DAY + 24) * HOUR_NS): Measured(),
    }

    assert idle_by_day(hours, {"own": OWN}) == {
        ("own", "2024-10-04"): 7_000_000_000,
        ("own", "2024-10-05"): 10_000_000_000,
    }


def test_what_has_no_bill_by_the_hour_is_not_known():
    hours = {("other", 0): Measured(), ("own", 0): Measured()}

    assert idle_by_day(hours, {}) is None
    assert idle_by_day(hours, {"own": Target("own", "local", "sglang", "m", (), Clearance(), PRICE, {}, 8, 8)}) is None
