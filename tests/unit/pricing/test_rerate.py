from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.label import Clearance
from gateway.domain.price import Price, Tariff, TariffPeriod, Tier
from gateway.domain.target import Target
from gateway.domain.usage import Usage
from gateway.pricing.rerate import Charged, rerate, version_in

OLD, NEW = Price(10**9, 10**9, 0, 0, "yaml"), Price(2 * 10**9, 10**9, 0, 0, "yaml:2026-11-02")
TARIFF = Tariff((TariffPeriod(0, (Tier("", 0, OLD),)), TariffPeriod(100, (Tier("", 0, NEW),))))
TARGETS = {"t": Target("t", "closed", "openai", "m", (), Clearance(), OLD, {}, 8, 8, tariff=TARIFF)}


def call(number, at, cost=10_000, target="t"):
    return Charged(f"att_{number}", f"dec_{number}", at, target, "team", Usage(10), cost, "yaml")


def test_only_what_costs_something_else_is_corrected():
    found = rerate([call(1, 99), call(2, 100), call(3, 100, 20_000), call(4, 1, target="gone")], TARGETS)

    (one,) = found.corrections
    assert (one.charged.attempt, one.cost, one.amount, one.source) == ("att_2", 20_000, 10_000, "yaml:2026-11-02")
    assert (found.looked_at, found.unknown) == (4, ("gone",))


def test_what_is_corrected_is_not_corrected_again_and_the_way_back_is_another_correction():
    (one,) = rerate([call(2, 100)], TARGETS).corrections
    assert rerate([replace(call(2, 100), cost=10_000 + one.amount)], TARGETS).corrections == ()
    before = {"t": replace(TARGETS["t"], tariff=Tariff())}
    (back,) = rerate([replace(call(2, 100), cost=20_000)], before).corrections
    (again,) = rerate([call(2, 100)], TARGETS).corrections

    assert back.amount == -10_000
    assert again.id == one.id != back.id


def test_there_and_back_and_there_again_are_three_corrections():
    old = {"t": replace(TARGETS["t"], tariff=Tariff())}
    cost, ids = 10_000, []
    for done, targets in enumerate((TARGETS, old, TARGETS)):
        (one,) = rerate([replace(call(2, 100, cost), corrections=done)], targets).corrections
        ids.append(one.id)
        cost += one.amount

    assert cost == 20_000
    assert len(set(ids)) == 3


def test_the_version_is_distinguished_from_a_date_in_the_name_of_a_model():
    (one,) = rerate([call(2, 100)], TARGETS).corrections

    assert version_in(one.booked_source) == one.version != ""
    assert version_in("catalog:2026-11-22:vertex_ai/claude-3-5-haiku@20241022") == version_in("yaml") == ""


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 10**6)), max_size=8), st.randoms())
def test_the_order_of_the_books_changes_nothing(calls, random):
    listed = [call(number, at, cost) for number, (at, cost) in enumerate(calls)]
    mixed = random.sample(listed, len(listed))

    assert rerate(mixed, TARGETS) == rerate(listed, TARGETS)
