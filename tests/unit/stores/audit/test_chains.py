"""Nothing that left can be changed, removed, inserted or moved in the books without the audit naming it."""

import sqlite3

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.books import (
    attempt,
    chained,
    decision_made,
    draft,
    finished,
    policy,
    receipt,
    request,
    sent,
    settled,
    ship,
    write,
    write_chain,
)
from support.replacing import replace

from gateway.domain.chain import ChainEntry
from gateway.stores.audit.ledger import audit
from gateway.stores.chain.anchors import Head
from gateway.stores.data_dir import DataDir

FIVE = chained(*[draft(number) for number in range(1, 6)])


def problems(found):
    return {(one.kind, one.what) for one in found.problems}


def kinds(findings):
    return sorted({one.kind for one in findings})


def tamper(data, *statements):
    connection = sqlite3.connect(data.ledger)
    for statement in statements:
        connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture
def books(data):
    write(data, *sent(*FIVE))
    ship(data)
    return data


@pytest.mark.parametrize("shipped", [False, True])
@pytest.mark.parametrize("files", [False, True])
def test_books_that_are_right_have_no_problem(data, shipped, files):
    write(data, *sent(*FIVE))
    if shipped:
        ship(data)
    if files:
        write_chain(data, FIVE)
    found = audit(data)

    assert (found.problems, found.notes) == ((), ())
    assert (found.chains, found.receipts) == (1, 5)


def test_a_chain_of_which_half_is_shipped_is_one_chain(data):
    write(data, *sent(*FIVE[:3]))
    ship(data)
    write(data, *sent(*FIVE[3:]), instance="ins_b")

    assert audit(data).problems == ()


COLUMNS = [name for name in ChainEntry.__slots__ if name not in {"seq", "decision"}]


@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_row_that_was_changed_is_named(books, column, files):
    if files:
        write_chain(books, FIVE)
    value = {"categories": '["pii"]', "exceptions": '["x"]', "size": 3, "at": 3, "observed": 1}.get(column, "public_")
    tamper(books, (f"UPDATE receipts SET {column} = ? WHERE seq = 3", (value,)))
    found = audit(books)

    assert any("tkt_000003_1" in what or "tkt_000003_1" in one for one, what in problems(found)), problems(found)


@pytest.mark.parametrize("value", ["not JSON", "3", "{}", '["a"'])
def test_a_row_that_is_no_entry_any_more_is_named(books, value):
    tamper(books, ("UPDATE receipts SET categories = ? WHERE seq = 3", (value,)))
    assert ("changed", "tkt_000003_1") in problems(audit(books))


@pytest.mark.parametrize("seq", range(1, 6))
@pytest.mark.parametrize("files", [False, True])
def test_a_row_that_was_removed_is_named(books, seq, files):
    if files:
        write_chain(books, FIVE)
    tamper(books, f"DELETE FROM receipts WHERE seq = {seq}")
    found = problems(audit(books))

    assert ("no receipt", f"att_{seq:06d}_1") in found
    assert (("missing receipt", f"tkt_{seq:06d}_1") in found) == files
    assert (("gap", f"egr_a:{seq}") in found) == (seq < 5 and not files)


def test_a_whole_request_that_was_removed_leaves_a_gap(books):
    for table, column in (("attempts", "decision"), ("settlements", "decision"), ("finished", "decision")):
        tamper(books, f"DELETE FROM {table} WHERE {column} = 'dec_000003'")
    tamper(books, "DELETE FROM receipts WHERE seq = 3", "DELETE FROM decisions WHERE id = 'dec_000003'")
    assert problems(audit(books)) == {("gap", "egr_a:3")}
    write_chain(books, FIVE)
    assert problems(audit(books)) == {("stray receipt", "tkt_000003_1")}


def inserted(entry, ticket="tkt_x"):
    row = {name: getattr(entry, name) for name in ChainEntry.__slots__}
    row |= {"id": ticket, "categories": "[]", "exceptions": "[]"}
    marks = ", ".join("?" * len(row))
    return f"INSERT INTO receipts ({', '.join(row)}) VALUES ({marks})", tuple(row.values())


@pytest.mark.parametrize("files", [False, True])
@pytest.mark.parametrize("seq", [2, 6])
def test_a_row_that_was_inserted_is_named(books, seq, files):
    if files:
        write_chain(books, FIVE)
    tamper(books, inserted(draft(2, ticket="tkt_x").sealed(seq, FIVE[0].hash)))
    found = audit(books)

    assert any(what in {"tkt_x", "file egr_a:6", "egr_a:6"} for _, what in problems(found)), problems(found)


def test_rows_that_changed_places_are_named(books):
    tamper(
        books,
        "UPDATE receipts SET seq = 100 WHERE seq = 2",
        "UPDATE receipts SET seq = 2 WHERE seq = 3",
        "UPDATE receipts SET seq = 3 WHERE seq = 100",
    )
    assert {("changed", "tkt_000002_1"), ("changed", "tkt_000003_1")} <= problems(audit(books))


def test_a_row_with_a_hash_made_anew_breaks_the_link_behind_it(books):
    forged = replace(FIVE[2], data_class="restricted").sealed(3, FIVE[1].hash)
    tamper(books, ("UPDATE receipts SET data_class = ?, hash = ? WHERE seq = 3", (forged.data_class, forged.hash)))
    assert problems(audit(books)) == {("broken link", "tkt_000004_1")}


def test_a_chain_that_was_forged_as_a_whole_is_detected_by_the_file_and_by_the_anchor(data):
    forged = chained(*[replace(draft(number), size=1) for number in range(1, 6)])
    write(data, *sent(*forged))
    head = Head("egr_a", 4, FIVE[3].hash, 1)

    assert problems(audit(data)) == set()
    assert problems(audit(data, [head])) == {("anchor", "egr_a:4")}
    write_chain(data, FIVE)
    assert {("file", f"file egr_a:{seq}") for seq in range(1, 6)} <= problems(audit(data))


def test_a_tail_that_was_cut_off_is_detected_by_the_anchor(data):
    write(data, *sent(*FIVE[:3]))
    good, cut = Head("egr_a", 3, FIVE[2].hash, 1), Head("egr_a", 5, FIVE[4].hash, 2)

    assert audit(data, [good]).problems == ()
    assert problems(audit(data, [good, cut])) == {("anchor", "egr_a:5")}
    assert problems(audit(data, [Head("egr_b", 1, "0" * 64, 1)])) == {("anchor", "egr_b:1")}


CHANGES = st.sampled_from(["delete", "change", "swap", "copy"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=CHANGES, one=st.integers(1, 5), other=st.integers(1, 5), files=st.booleans())
def test_no_tampering_goes_unseen(tmp_path_factory, how, one, other, files):
    data = DataDir(tmp_path_factory.mktemp("books"))
    data.ensure()
    write(data, *sent(*FIVE))
    ship(data)
    if files:
        write_chain(data, FIVE)
    if how == "swap" and one == other:
        return
    statements = {
        "delete": ["DELETE FROM receipts WHERE seq = :a"],
        "change": ["UPDATE receipts SET outcome = 'refused:higher_class' WHERE seq = :a"],
        "swap": [
            "UPDATE receipts SET seq = -1 WHERE seq = :a",
            "UPDATE receipts SET seq = :a WHERE seq = :b",
            "UPDATE receipts SET seq = :b WHERE seq = -1",
        ],
        "copy": [
            (
                "INSERT INTO receipts SELECT 'x', instance, seq, prev, at, target, team, data_class, categories,"
                " found, ticket, decision, attempt, attempt_kind, policy, body_sha256, size, outcome, exceptions,"
                " observed, hash FROM receipts WHERE seq = :a"
            )
        ],
    }[how]
    tamper(data, *[(statement, {"a": one, "b": other}) for statement in statements])

    assert audit(data).problems


def test_a_file_with_a_missing_entry_or_a_foreign_line_is_reported(books):
    path = write_chain(books, FIVE[:4])
    assert problems(audit(books)) == {("file", "file egr_a:5")}
    write_chain(books, [FIVE[0], *FIVE[2:]])
    assert problems(audit(books)) == {("gap", "file egr_a:2"), ("file", "file egr_a:2")}
    path.write_bytes(path.read_bytes() + b"nonsense\n")
    assert ("damage", "file egr_a:5") in problems(audit(books))
    path.rename(path.with_name("egr_b.chain"))
    assert ("damage", "file egr_b:1") in problems(audit(books))


def test_a_line_that_is_being_written_is_not_there_yet(books):
    path = write_chain(books, FIVE)
    path.write_bytes(path.read_bytes() + b'{"instance":"egr_a","seq":6')
    assert audit(books).problems == ()


def killed(number, outcome="orphaned"):
    end = [settled(number, outcome=outcome, cost=5000), finished(number, status=499, target="", zone="", cost=5000)]
    return [decision_made(number), attempt(number, target="vendor", zone="closed"), *end]


def test_a_call_whose_gateway_was_killed_before_its_receipt_is_a_note(data):
    write(data, *sent(*FIVE[:2]), *killed(3), *sent(*FIVE[3:]))
    without = audit(data)
    write_chain(data, FIVE)
    beside = audit(data)

    assert (without.problems, beside.problems) == ((), ())
    assert {(one.kind, one.what) for one in without.notes} == {
        ("unreceipted", "att_000003_1"),
        ("unreceipted", "egr_a:3"),
    }
    assert {(one.kind, one.what) for one in beside.notes} == {("unreceipted", "tkt_000003_1")}


def test_one_killed_call_explains_one_missing_entry_and_no_more(data):
    write(data, *killed(3), *sent(FIVE[0], *FIVE[3:]))
    assert problems(audit(data)) == {("gap", "egr_a:2")}


def given_up(number):
    silent = replace(draft(number, outcome="no_answer"), instance="egr_a")
    start, begun, paid, end = request(number, zone="closed")
    return [start, begun, receipt(silent), paid, end]


def test_a_call_whose_egress_ended_with_it_is_explained_by_what_it_was_charged_as(data):
    start, begun, silent, paid, end = given_up(3)
    write(data, *sent(*FIVE[:2]), start, begun, silent, replace(paid, outcome="unknown"), end, *sent(*FIVE[3:]))
    found = audit(data)
    assert found.problems == ()
    assert [one.text for one in found.notes if one.kind == "unanswered"] == [
        "attempt att_000003_1 was charged as unknown: its egress ended before its answer came"
    ]


def test_a_call_that_was_given_up_is_a_note_until_its_receipt_comes(data):
    write(data, *sent(*FIVE[:2]), *given_up(3), *sent(*FIVE[3:]))
    found = audit(data)
    assert found.problems == ()
    assert kinds(found.notes) == ["unanswered", "unreceipted"]
    write(data, receipt(FIVE[2]), instance="ins_b")
    late = audit(data)
    assert (late.problems, late.notes) == ((), ())


def test_entries_without_a_chain_say_why(data):
    none = [draft(1, outcome="no_egress"), draft(2, outcome="refused:chain_unavailable")]
    write(data, *sent(*none))
    assert (audit(data).problems, audit(data).notes) == ((), ())
    write(data, *sent(draft(3, outcome="no_receipt"), draft(4)), instance="ins_b")
    assert problems(audit(data)) == {("no receipt", "tkt_000003_1"), ("changed", "tkt_000004_1")}


def test_receipts_agree_with_their_attempts(data):
    chain = chained(
        draft(1, target="other"),
        draft(2, team="other"),
        draft(3, data_class="internal"),
        replace(draft(4), attempt="x"),
    )
    write(data, *sent(*chain))
    found = problems(audit(data))

    assert {("disagreement", "tkt_000001_1"), ("disagreement", "tkt_000002_1")} <= found
    assert ("stray receipt", "tkt_000004_1") in found
    assert not any("tkt_000003_1" in what for _, what in found)  # a class may rise before an attempt


@pytest.mark.parametrize("masked", [False, True])
def test_a_ticket_below_its_decision_is_for_a_masked_request(data, masked):
    (entry,) = chained(draft(1))
    made, *rest = sent(entry)
    facts = {**made.facts, "label": {"data_class": "restricted", "categories": [], "regions": None}}
    decided = {**made.decision, "masked": ["vendor"]} if masked else made.decision
    write(data, replace(made, facts=facts, decision=decided), *rest)

    assert problems(audit(data)) == (set() if masked else {("disagreement", "tkt_000001_1")})


def test_calls_of_before_there_were_receipts_are_a_note(data):
    start, begun, paid, end = request(1, zone="closed")
    write(data, policy(), start, replace(begun, attempt_kind=""), paid, end)
    found = audit(data)

    assert found.problems == ()
    assert kinds(found.notes) == ["before receipts"]


def test_a_used_ticket_that_was_shown_again_is_reported(data):
    chain = chained(draft(1), draft(1, outcome="refused:replayed"))
    write(data, *sent(chain[0]))
    write_chain(data, chain)
    assert problems(audit(data)) == {("replayed", "tkt_000001_1")}


def test_what_leaves_while_the_books_are_read_is_not_missing(data, monkeypatch):
    write(data, *sent(*FIVE[:4]))
    write_chain(data, FIVE)
    short = len(b"".join(entry.line() + b"\n" for entry in FIVE[:4]))
    monkeypatch.setattr("gateway.stores.audit.ledger.sizes", lambda _: {"egr_a.chain": short})
    assert audit(data).problems == ()


def test_no_receipt_holds_content():
    assert not {"body", "text", "content", "messages"} & set(orjson.loads(FIVE[0].line()))
