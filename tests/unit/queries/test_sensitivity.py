"""The report reads what was found, decided and done."""

from support.books import NOON, request, write
from support.replacing import replace

from gateway.domain.records import DecisionMade
from gateway.queries.sensitivity import sensitivity

DAY = 86_400_000_000_000
EVIDENCE = [{"detector": "iban", "path": "messages[0].content", "span": [0, 9]}]


def found(number, **more):
    records = request(number, **more)
    return [replace(one, evidence=EVIDENCE) if isinstance(one, DecisionMade) else one for one in records]


def test_requests_with_findings_of_a_span_and_a_team(data):
    write(data, *found(1), *found(2, team="legal"), *found(3, at=NOON + DAY), *found(4))
    rows = sensitivity(data, NOON, NOON + DAY, "team")
    assert [(row["team"], row["requests"]) for row in rows] == [("support", 2), ("legal", 1)]
    (row,) = sensitivity(data, NOON, NOON + DAY, "kind", "legal")
    assert (row["kind"], row["moved"]) == ("iban", 1)
    assert row["examples"] == {"moved": ["dec_000002"]}
