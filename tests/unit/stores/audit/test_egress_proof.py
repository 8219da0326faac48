"""Did anything of a class leave: from whole evidence a whole answer, from other evidence its holes."""

import sqlite3

import pytest
from support.books import (
    NOON,
    SECOND,
    attempt,
    chained,
    decision_made,
    draft,
    finished,
    request,
    sent,
    settled,
    ship,
    write,
    write_chain,
)
from support.replacing import replace

from gateway.domain.label import DataClass
from gateway.stores.audit.egress_proof import ProofQuery, prove

DAY = 86_400 * SECOND
CHAIN = chained(
    draft(1),
    draft(2, data_class="internal", size=50),
    draft(3, outcome="refused:higher_class", found="restricted"),
    draft(4, data_class="internal", found="restricted", observed=True, team="other"),
    draft(5, data_class="confidential", target="away", at=NOON + DAY),
)


def asked(word="restricted", from_ns=0, to_ns=NOON + 10 * DAY, **more):
    return ProofQuery(DataClass.parse(word), from_ns, to_ns, **more)


def left(data, *args, **more):
    return [entry.seq for entry in prove(data, asked(*args, **more)).left]


@pytest.fixture
def books(data):
    for entry in CHAIN:
        records = sent(entry, team=entry.team)
        records[1] = replace(records[1], target=entry.target)
        write(data, *records, instance=f"ins_{entry.seq}")
    return data


@pytest.mark.parametrize("shipped", [False, True])
def test_what_left_is_counted_by_the_higher_of_both_classes(books, shipped):
    if shipped:
        ship(books)
    assert left(books) == [4]
    assert left(books, "confidential") == [4, 5]
    assert left(books, "public") == [1, 2, 4, 5]
    proof = prove(books, asked())
    assert proof.whole
    assert [(one.data_class, one.team, one.target, one.calls, one.size) for one in proof.groups] == [
        ("restricted", "other", "vendor", 1, 100),
        ("confidential", "support", "away", 1, 100),
        ("internal", "support", "vendor", 1, 50),
        ("public", "support", "vendor", 1, 100),
    ]
    assert (proof.chains, proof.entries, proof.unreceipted) == (1, 5, 0)


def test_it_is_narrowed_by_time_team_and_target(books):
    assert left(books, "public", NOON + DAY) == [5]
    assert left(books, "public", 0, NOON + DAY) == [1, 2, 4]
    assert left(books, "public", team="other") == [4]
    assert left(books, "public", target="away") == [5]


def test_what_only_the_egress_wrote_down_has_left_too(data):
    end = [settled(1, outcome="orphaned", cost=5000), finished(1, status=499, target="", zone="", cost=5000)]
    write(data, decision_made(1), attempt(1, target="vendor", zone="closed"), *end)
    (entry,) = chained(draft(1, data_class="restricted"))
    write_chain(data, [entry])
    proof = prove(data, asked())

    assert (proof.left, proof.whole, proof.unreceipted) == ((entry,), True, 1)


@pytest.mark.parametrize("word", ["public", "restricted"])
@pytest.mark.parametrize("ended", [False, True])
def test_a_call_that_nobody_can_tell_of_is_doubt_if_it_is_of_the_class(data, word, ended):
    end = [settled(1, outcome="orphaned", cost=5000), finished(1, status=499, target="", zone="", cost=5000)]
    write(data, decision_made(1), attempt(1, target="vendor", zone="closed"), *(end if ended else ()))
    proof = prove(data, asked(word))  # it was decided as public

    assert (proof.left, proof.whole) == ((), word == "restricted")


@pytest.mark.parametrize("file", [False, True])
def test_a_call_that_was_given_up_is_doubt_unless_the_egresss_file_is_at_hand(data, file):
    silent = replace(draft(1, outcome="no_answer", data_class="restricted"), instance="egr_a")
    write(data, *sent(silent), *sent(*chained(draft(2))), instance="ins_b")
    if file:
        write_chain(data, chained(draft(2)))

    assert prove(data, asked()).whole is file


def test_a_row_that_was_changed_is_doubt(books):
    ship(books)
    connection = sqlite3.connect(books.ledger)
    connection.execute("UPDATE receipts SET found = 'public' WHERE seq = 4")
    connection.commit()
    connection.close()
    proof = prove(books, asked())

    assert (proof.left, proof.whole) == ((), False)
    assert [one.kind for one in proof.problems] == ["changed"]


def test_calls_of_before_there_were_receipts_are_doubt(data):
    start, begun, paid, end = request(1, zone="closed")
    write(data, start, replace(begun, attempt_kind=""), paid, end)

    assert not prove(data, asked("public")).whole
    assert prove(data, asked()).whole


def test_no_books_at_all_prove_that_nothing_left(data):
    proof = prove(data, asked("public"))
    assert (proof.left, proof.groups, proof.whole) == ((), (), True)
