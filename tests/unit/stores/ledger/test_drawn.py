"""What is drawn from a commitment is what its covered calls cost, from wherever the ledger lies."""

from support.books import NOON, drawn, policy, request, ship

from gateway.domain.records import Adjustment, PolicyLoaded
from gateway.pricing.commitment import Commitment
from gateway.stores.ledger.reader import LedgerReader
from tests.support.books import write

DAY = 86_400_000_000_000
PROMISED = Commitment("c", 1000, NOON, NOON + DAY, ("vendor",))


def test_covered_calls_are_drawn_with_their_adjustments(data):
    write(data, *request(1, zone="closed", cost=100), *request(2, cost=50), *request(3, zone="closed", at=NOON - DAY))
    ship(data)
    less = Adjustment("adj_1", "dec_000001", "att_000001_1", NOON, -30, "yaml", "rerate")
    write(data, less, *request(4, zone="closed", cost=7), instance="ins_b")

    (state,) = drawn(data, [PROMISED], NOON + DAY // 2)

    assert (state.drawn, state.left, state.lost) == (77, 923, 0)
    assert drawn(data, [PROMISED], NOON + 2 * DAY)[0].lost == 923


def test_the_newest_policy_is_the_one_of_the_latest_time(data):
    with LedgerReader(data).view() as view:
        assert view.newest_policy() is None
    write(data, policy(text="one", name="p1"))
    ship(data)
    write(data, PolicyLoaded("p2", NOON + 1, "two"), instance="ins_b")

    with LedgerReader(data).view() as view:
        assert view.newest_policy() == b"two"
