"""Commitments are those of the policy that is given, else of the newest one in the ledger; read in one sight."""

from support.books import NOON, policy, request, write
from support.fakes import closed
from support.fakes import policy as compiled

from gateway.queries.commitments import commitments
from gateway.stores.ledger.reader import LedgerReader

PROMISED = {"id": "c", "usd": 1, "from": "2026-11-01", "to": "2026-12-01", "covers": ["vendor"]}


def policy_of(**more):
    targets = [closed("vendor", price={"input_per_mtok_usd": 1, "output_per_mtok_usd": 1})]
    return compiled(targets=targets, models=[{"name": "auto", "candidates": ["vendor"]}], rules=[], **more)


def test_a_commitment_of_the_policy_in_the_ledger_is_drawn(data, opened):
    reader, snapshot = LedgerReader(data), policy_of(commitments=[PROMISED])

    assert commitments(reader, None, NOON + 1) == []
    write(data, *request(1, zone="closed", cost=100), policy(text=snapshot.canonical.decode(), name="p1"))
    opened.clear()
    assert [state.drawn for state in commitments(reader, None, 2 * NOON)] == [100]
    assert len(opened) == 1
    assert commitments(reader, policy_of(), NOON) == []
