"""Two periods are compared by the groups that are asked for."""

from support.books import NOON, request, write

from gateway.queries.variance import variances
from gateway.reports.span import Span
from gateway.stores.ledger.reader import LedgerReader

DAY = 86_400_000_000_000
FIRST, SECOND = (Span(NOON + n * DAY, NOON + (n + 1) * DAY, "", "") for n in range(2))


def test_a_difference_is_taken_by_group_and_narrowed(data, opened):
    write(data, *request(1, cost=10), *request(2, cost=30, at=NOON + DAY), *request(3, team="b", cost=5))
    reader = LedgerReader(data)

    assert {row.name: row.difference for row in variances(reader, FIRST, SECOND, "team", {})} == {
        "support": 20,
        "b": -5,
    }
    assert [row.name for row in variances(reader, FIRST, SECOND, "team", {"team": "b"})] == ["b"]
    assert len(opened) == 2
