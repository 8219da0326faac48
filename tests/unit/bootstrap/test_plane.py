"""Sources narrow to who asks: a lead's decisions and sums are those of its teams, whatever the grouping."""

import pytest
from support.books import NOON, request, ship, write

from gateway.bootstrap.plane import Answers
from gateway.domain.access import ROLES, Admin
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import keeper

ADMIN = Admin("admin", frozenset(ROLES))
DAY = 86_400_000_000_000


def lead(*teams):
    return Admin("bob", frozenset({"lead"}), frozenset(teams))


@pytest.fixture
def data(tmp_path):
    directory = DataDir(tmp_path)
    directory.ensure()
    write(directory, *request(1, cost=100), *request(2, team="legal", cost=20))
    ship(directory)
    rest = [*request(3, team="search", cost=3, at=NOON + DAY), *request(4, team="legal", cost=4, at=NOON + DAY)]
    write(directory, *rest, instance="ins_b")
    return directory


def spend(report):
    return {row["name"]: (row["requests"], row["spend_usd"]) for row in report["rows"]}


def test_the_report_of_the_plane_says_whose_it_is(data):
    days = ("2026-11-01", "2026-11-30")
    report = Answers(data).costs(lead("search", "legal"), "team", *days)

    assert (report["teams"], set(spend(report))) == (["legal", "search"], {"legal", "search"})
    assert "teams" not in Answers(data).costs(ADMIN, "team", *days)


def test_a_lead_lists_decisions_of_its_teams_alone_newest_first(data):
    answers, back = Answers(data), 100 * 366 * 86400
    ids = ["dec_000004", "dec_000003", "dec_000002"]

    assert [row["id"] for row in answers.decisions(lead("legal", "search"), back, 9, None)] == ids
    assert [row["id"] for row in answers.decisions(lead("legal", "search"), back, 2, None)] == ids[:2]
    assert [row["id"] for row in answers.decisions(lead("legal", "search"), back, 9, "search")] == ["dec_000003"]
    assert answers.decisions(lead("legal"), back, 9, "support") == []
    assert len(answers.decisions(ADMIN, back, 9, None)) == 4
    assert [row["id"] for row in answers.decisions(ADMIN, back, 9, "support")] == ["dec_000001"]


def test_another_team_s_decision_is_not_there_for_a_lead(data):
    answers = Answers(data)

    assert answers.decision(lead("legal"), "dec_000001") is None
    assert answers.decision(lead("legal"), "dec_000002")["team"] == "legal"
    assert answers.decision(ADMIN, "dec_999999") is None


def test_evidence_is_for_the_role_security_alone(data):
    answers = Answers(data)
    shown = {role: answers.decision(Admin("ann", frozenset({role})), "dec_000001")["evidence"] for role in ROLES}

    assert shown == dict.fromkeys(ROLES) | {"security": answers.decision(ADMIN, "dec_000001")["evidence"]}
    assert shown["security"][0]["path"] == "messages[0].content"


def test_keys_are_shown_by_id_and_never_whole(data):
    key_id, key = keeper(data).create("support", now=0)
    rows = Answers(data).keys()

    assert [(row["id"], row["team"], row["state"]) for row in rows] == [(key_id, "support", "active")]
    assert key not in str(rows)
