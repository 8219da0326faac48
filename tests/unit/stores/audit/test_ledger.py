"""The audit finds what it says it finds, and nothing in books that are right."""

import sqlite3

from support.books import (
    attempt,
    decision_made,
    finished,
    request,
    settled,
    ship,
    write,
    write_segment,
)

from gateway.stores.audit.ledger import audit
from gateway.stores.ledger.schema import newest
from gateway.stores.spool.writer import SpoolWriter


def kinds(found):
    return sorted({finding.kind for finding in found.problems})


def test_books_that_are_right_have_no_problem(data):
    write(data, *request(1), *request(2, cost=23))
    found = audit(data)
    ship(data)
    shipped = audit(data)

    assert found.problems == shipped.problems == ()
    assert (found.requests, found.attempts, found.settlements, found.cost) == (2, 2, 2, 800)
    assert (found.schema, shipped.schema) == (0, newest())


def test_no_books_at_all_are_right(data):
    assert audit(data).problems == ()


def test_an_attempt_of_a_gateway_at_work_is_running_not_lost(data):
    writer = SpoolWriter(data.spool, "ins_a")
    writer.append(decision_made(1), attempt(1))
    found = audit(data)
    writer.close()

    assert (found.running, found.problems) == (1, ())
    assert kinds(audit(data)) == ["orphan", "unfinished"]


def test_a_sum_that_is_wrong_is_found(data):
    write(data, *request(1)[:3], finished(1, cost=778))

    assert kinds(audit(data)) == ["sum"]


def test_an_end_that_forgot_an_attempt_is_found(data):
    write(data, *request(1)[:3], attempt(1, nth=2), settled(1, nth=2, cost=0), finished(1))

    assert kinds(audit(data)) == ["sum"]


def test_a_settlement_that_recovery_made_up_for_explains_a_gap(data):
    write(data, decision_made(1), attempt(1), settled(1, outcome="orphaned", cost=5000), finished(1, cost=777))
    found = audit(data)

    assert found.problems == ()
    assert [note.kind for note in found.notes] == ["made up for"]


def test_settlements_without_attempts_and_ends_without_decisions_are_found(data):
    write(data, settled(1), finished(2, attempts=0, cost=0))

    assert kinds(audit(data)) == ["stray end", "stray settlement"]


def test_damage_is_found_before_and_after_it_is_shipped(data):
    path = write_segment(data, request(1))
    path.write_bytes(path.read_bytes() + b"not a line of ours\n")
    before = audit(data)
    ship(data)
    after = audit(data)

    assert kinds(before) == kinds(after) == ["damage"]
    assert before.problems[0].what.split(":")[1] == after.problems[0].what.split(":")[1]


def test_a_row_taken_out_of_the_database_by_hand_is_noticed(data):
    write(data, *request(1))
    ship(data)
    connection = sqlite3.connect(data.ledger)
    connection.execute("DELETE FROM settlements")
    connection.commit()
    connection.close()

    assert kinds(audit(data)) == ["orphan", "sum"]
