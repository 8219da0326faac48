"""Pruning takes single requests away, and nothing else: sums, proofs and checks say the same before and after."""

import re
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.books import (
    NOON,
    SECOND,
    Books,
    adjustment,
    attempt,
    chained,
    decision_made,
    draft,
    drawn,
    finished,
    request,
    sent,
    settled,
    write,
    write_chain,
)
from support.replacing import replace

from gateway.domain.costs import GROUPINGS
from gateway.domain.label import DataClass
from gateway.domain.records import GpuSample
from gateway.pricing.commitment import Commitment
from gateway.stores.audit.egress_proof import ProofQuery, prove
from gateway.stores.audit.ledger import audit
from gateway.stores.chain.anchors import Head
from gateway.stores.data_dir import SQLITE, DataDir
from gateway.stores.ledger.place import open_ledger, snapshot
from gateway.stores.ledger.prune import Order, Pruned
from gateway.stores.ledger.pruned import ledger_whole_since, prunable, spoken_of
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.schema import migrations
from gateway.stores.shipping.shipper import Shipper

DAY = 86_400 * SECOND
MIDNIGHT = NOON - DAY // 2
EVER = 1 << 62
FIRST_WITH_PRUNES = 8


CHAIN = chained(
    draft(1, at=NOON - 2 * DAY),
    draft(2, at=NOON - 2 * DAY, team="search", data_class="internal", size=50),
    draft(4, at=NOON),  # arrived a day later, and its ticket was read first
    draft(3, at=NOON - DAY, data_class="confidential", found="restricted", observed=True),
    draft(5, at=NOON + SECOND, outcome="refused:higher_class", found="restricted"),
)


def fill(data: DataDir, chain=CHAIN) -> None:
    for entry in chain:
        write(data, *sent(entry, team=entry.team), instance=f"ins_{entry.seq}")
    write(data, *request(10, at=NOON - 2 * DAY), adjustment(10, at=NOON - 2 * DAY, amount=23), instance="ins_x")
    write(data, *request(11, at=NOON), instance="ins_y")
    sample = GpuSample("gpu_1", NOON - 2 * DAY, "home", "h:1", 1, 0, 5.0, 0.1, 0.2, 100, 40, 30)
    write(data, sample, replace(sample, id="gpu_2", at=NOON), instance="ins_z")
    ship(data)


def ship(data: DataDir) -> None:
    with open_ledger(data) as ledger:
        shipper = Shipper(data, ledger)
        while shipper.ship_once().more:
            pass


def pruned(data: DataDir, before_ns: int = MIDNIGHT, name: str = "prn_1") -> Pruned:
    with open_ledger(data) as ledger:
        order = Order(name, NOON + DAY, "ann", before_ns, spoken_of(data))
        return ledger.prune(order, lambda _: None)


def answers(data: DataDir) -> dict:
    """All that must be the same after a prune."""
    proof = [prove(data, ProofQuery(DataClass.parse(word), 0, EVER)) for word in ("internal", "restricted")]
    with LedgerReader(data).view() as view:
        return {
            "costs": [view.cost_rows(0, EVER, by) for by in GROUPINGS],
            "groups": view.cost_groups(MIDNIGHT - 2 * DAY, MIDNIGHT + 3 * DAY, ("team", "day")),
            "spent": view.spent_by(MIDNIGHT - 2 * DAY),
            "booked": view.booked(0, EVER),
            "measured": view.measured(0, EVER),
            "drawn": drawn(data, [Commitment("c", 10**9, 0, EVER, ("vendor", "home"))], NOON + DAY),
            "sent": [one.groups for one in proof],
            "left": [len(one.left) + one.pruned for one in proof],
            "holds": [one.whole for one in proof],
            "problems": audit(data).problems,
        }


@pytest.fixture
def books(data):
    fill(data)
    return data


def test_every_sum_and_proof_is_the_same_after_a_prune(books):
    before = answers(books)
    assert before["problems"] == ()
    assert before["left"] == [2, 1]

    done = pruned(books)

    assert (done.requests, done.receipts) == (4, 3)
    assert answers(books) == before
    assert [row["id"] for row in Books(books).decisions(0, 10)] == ["dec_000005", "dec_000004", "dec_000011"]


def test_what_a_prune_would_remove_is_counted_without_removing_it(books):
    with snapshot(books) as seen:
        would = prunable(seen, MIDNIGHT)
    assert would == (pruned(books), 0)


def test_where_only_a_day_is_known_the_whole_day_counts(books):
    with LedgerReader(books).view() as view:
        day = view.cost_rows(MIDNIGHT - 2 * DAY, MIDNIGHT - DAY, "target")
        assert view.cost_rows(NOON - 2 * DAY + SECOND, MIDNIGHT - DAY, "target") != day
    pruned(books)
    with LedgerReader(books).view() as view:
        for first, last in ((NOON - 2 * DAY + SECOND, MIDNIGHT - DAY), (MIDNIGHT - 2 * DAY, NOON - 2 * DAY)):
            assert view.cost_rows(first, last, "target") == day
        # A budget's year that began at noon counts that whole day: dearer is safer.
        assert sum(one.cost for one in view.spent_by(NOON - 2 * DAY + SECOND)) == sum(
            one.cost for one in view.spent_by(MIDNIGHT - 2 * DAY)
        )


BERLIN_DAY = (NOON - 2 * DAY) // DAY
"""A day inside of which a period of a budget began, in the evening."""


def test_a_day_that_a_running_budget_began_in_stays_until_the_budget_is_over(books):
    def evening():
        with LedgerReader(books).view() as view:
            return view.spent_by(NOON - 2 * DAY + SECOND)

    before = evening()
    with open_ledger(books) as ledger:
        order = Order("prn_1", NOON + DAY, "ann", MIDNIGHT, frozenset(), frozenset({BERLIN_DAY}))
        assert ledger.prune(order, lambda _: None).requests == 1
    assert evening() == before

    pruned(books, MIDNIGHT, "prn_2")  # the budget is over
    assert sum(one.cost for one in evening()) > sum(one.cost for one in before)
    assert len(Books(books).decisions(0, 10)) == 3


def test_a_day_that_is_gone_is_not_said_to_be_kept(books):
    pruned(books)
    with LedgerReader(books).view() as view:
        before = view.spent_by(NOON - 2 * DAY + SECOND)
    with open_ledger(books) as ledger:
        ledger.prune(Order("prn_2", NOON + DAY, "ann", MIDNIGHT, frozenset(), frozenset({BERLIN_DAY})), lambda _: None)
    with LedgerReader(books).view() as view:
        assert view.spent_by(NOON - 2 * DAY + SECOND) == before


def test_a_request_that_ended_on_the_next_day_stays_for_it_is_in_that_days_hours(data):
    late = request(1, at=MIDNIGHT - SECOND // 100)  # settled 50 ms later
    write(data, *late, *request(2, at=MIDNIGHT - SECOND), instance="ins_a")
    ship(data)
    assert pruned(data).requests == 1
    assert [row["id"] for row in Books(data).decisions(0, 10)] == ["dec_000001"]


def test_a_second_prune_goes_on_where_the_first_ended(books):
    before = answers(books)
    pruned(books, MIDNIGHT - DAY, "prn_1")
    assert answers(books) == before
    pruned(books, MIDNIGHT, "prn_2")
    assert answers(books) == before
    pruned(books, MIDNIGHT + DAY, "prn_3")
    assert answers(books) == before
    assert Books(books).decisions(0, 10) == []


def test_who_pruned_what_is_in_every_audit(books):
    pruned(books)
    notes = [one for one in audit(books).notes if one.kind == "pruned"]
    assert [(one.what, "4 requests" in one.text, "by ann" in one.text) for one in notes] == [
        ("before 2026-11-22", True, True)
    ]
    assert ledger_whole_since(books) == MIDNIGHT


def test_a_request_of_which_something_is_open_stays_whole(data):
    write(data, decision_made(1, at=NOON - 2 * DAY), attempt(1, at=NOON - 2 * DAY), instance="ins_a")
    write(data, *request(2, at=NOON - 2 * DAY), instance="ins_b")
    ship(data)
    assert pruned(data).requests == 1
    assert Books(data).decision("dec_000001") is not None


@pytest.mark.parametrize("outcome", ["no_answer", "no_receipt"])
def test_a_call_of_which_nobody_knows_whether_it_was_sent_stays_whole(data, outcome):
    silent = draft(1, at=NOON - 2 * DAY, outcome=outcome)
    write(data, *sent(silent), instance="ins_a")
    closed = [decision_made(2), attempt(2, zone="closed", target="vendor"), settled(2), finished(2, zone="closed")]
    write(data, *[replace(one, at=NOON - 2 * DAY) for one in closed], instance="ins_b")
    ship(data)
    assert pruned(data).requests == 0


def test_a_request_that_the_unshipped_spool_speaks_of_stays_whole(books):
    write(books, adjustment(10, at=NOON, amount=5), instance="ins_late")
    assert pruned(books).requests == 3
    ship(books)
    assert audit(books).problems == ()


def test_the_egress_own_file_is_still_held_against_the_ledger(books):
    write_chain(books, CHAIN)
    before = answers(books)
    pruned(books)
    assert answers(books) == before

    other = chained(*[replace(one, size=one.size + 1) for one in CHAIN])
    write_chain(books, other)
    assert {one.kind for one in audit(books).problems} == {"file"}
    write_chain(books, CHAIN[:1])
    assert "file" in {one.kind for one in audit(books).problems}


def test_a_head_that_was_anchored_still_proves_what_was_pruned(books):
    pruned(books)
    ends = CHAIN[1]
    assert audit(books, [Head("egr_a", ends.seq, ends.hash, ends.at)]).problems == ()
    forged = audit(books, [Head("egr_a", ends.seq, "00" * 32, ends.at)]).problems
    assert [one.kind for one in forged] == ["anchor"]


def test_an_entry_that_comes_back_after_a_prune_is_noticed(books):
    pruned(books)
    write(books, *sent(CHAIN[0]), instance="ins_again")
    ship(books)
    assert "inserted" in {one.kind for one in audit(books).problems}


def test_an_entry_that_is_missing_behind_pruned_ones_is_noticed(data):
    chain = chained(*[draft(number, at=NOON - 2 * DAY + number * SECOND) for number in range(1, 4)], draft(4), draft(5))
    fill(data, [entry for entry in chain if entry.seq != 4])
    assert {one.kind for one in audit(data).problems} == {"gap"}
    pruned(data)
    assert {one.kind for one in audit(data).problems} == {"gap"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 4), min_size=1, max_size=3),
    classes=st.lists(st.sampled_from(["public", "internal", "restricted"]), min_size=8, max_size=8),
)
def test_whatever_is_pruned_in_whatever_order_nothing_else_changes(tmp_path_factory, days, cuts, classes):
    data = DataDir(tmp_path_factory.mktemp("data"))
    data.ensure()
    drafts = [
        draft(number, at=NOON + (day - 2) * DAY, data_class=classes[number - 1], found=classes[number - 1])
        for number, day in enumerate(days, 1)
    ]
    fill(data, chained(*drafts))
    before = answers(data)
    for number, cut in enumerate(cuts):
        pruned(data, MIDNIGHT + (cut - 2) * DAY, f"prn_{number}")
        assert answers(data) == before


def test_no_later_step_of_the_schema_empties_sums_whose_requests_may_be_gone():
    later = {f"{number:04}_ledger": text for number, text in migrations().items() if number > FIRST_WITH_PRUNES}
    folder = resources.files("gateway.stores.ledger.migrations")
    later |= {file.name: file.read_text() for file in folder.iterdir() if file.name > "postgres_0005.sql"}
    for name, text in later.items():
        emptied = re.findall(r"DELETE FROM (rollup\w*)(?! +WHERE)", text)
        assert not emptied, f"{name} removes days of {emptied} that cannot be made again"


KEPT = {
    "gpu_samples",
    "schema_version",
    "policies",
    "spool_positions",
    "actions",
    "tokens",
    "keys",
    "keys_version",
    "alembic_version",
}
SUMS = {"rollup", "rollup_spreads", "rollup_hours", "prunes", "pruned_calls", "pruned_sends", "pruned_runs"}


def test_nothing_of_a_pruned_request_stays_in_any_table(books):
    """A table that somebody derives from requests later must be pruned with them, or be named here."""
    pruned(books, MIDNIGHT + 2 * DAY)
    with open_ledger(books) as ledger:
        database = ledger._database
        listed = (
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            if books.ledger_url == SQLITE
            else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'gateway'"
        )
        tables = {row["name"] for row in database.select(listed)}
        full = {name for name in tables if database.select(f"SELECT 1 AS x FROM {name} LIMIT 1")}
    assert tables >= SUMS
    assert full - KEPT - SUMS == set()
