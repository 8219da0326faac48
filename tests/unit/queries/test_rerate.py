"""A period is priced anew in one sight, and what is to be booked comes with its record."""

from support.books import NOON, request, write
from support.fakes import local, policy

from gateway.queries.rerate import rerating
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.rerating import book

SPAN = Span(0, 2 * NOON, "1970-01-01", "2083-11-30")
DEAR = policy(
    targets=[local("home", price={"input_per_mtok_usd": 10, "output_per_mtok_usd": 10})],
    models=[{"name": "auto", "candidates": ["home"]}],
    rules=[],
)


def test_corrections_are_booked_once_and_recorded_by_team(data, opened):
    write(data, *request(1), *request(2, team="search"))
    reader = LedgerReader(data)
    found = rerating(reader, SPAN, DEAR, NOON)

    assert len(opened) == 1
    assert [one.attempt for one in found.booking.records] == ["att_000001_1", "att_000002_1"]
    assert found.booking.change.before == {"cost_usd": {"search": "0.000000777", "support": "0.000000777"}}
    assert found.booking.change.after["cost_usd"] == {"search": "0.0013", "support": "0.0013"}
    book(data, found.booking.records, NOON, bytes(10))
    again = rerating(reader, SPAN, DEAR, NOON)
    assert (again.found.looked_at, again.booking) == (2, None)
