"""Sources narrow to who asks: a lead's decisions and sums are those of its teams, whatever the grouping."""

import time

import anyio
import pytest
from support.books import NOON, request, ship, write
from support.fakes import Clock

from gateway.bootstrap.plane import AboutSensitivity, Answers
from gateway.domain.access import ROLES, Admin
from gateway.domain.label import DataClass, Label, Part
from gateway.domain.records import DISPUTE, Action
from gateway.sensitivity.forgetting import Forgotten
from gateway.sensitivity.origins import Origin
from gateway.settings import load
from gateway.stores.data_dir import DataDir
from gateway.stores.keys.place import keeper
from gateway.stores.sessions.forgetting import asked
from gateway.stores.sessions.memory import MemorySessions


class Now(Clock):
    """The real time, by which what is kept ends."""

    def __init__(self):
        super().__init__()
        self.wall = time.time_ns()


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


@pytest.fixture
def settings(data):
    return load(None, {"data_dir": str(data.path)})


@pytest.fixture
def kept(data):
    store = MemorySessions(Now(), data.sessions)
    part = Part("iban", Label(DataClass.RESTRICTED))
    anyio.run(store.add, "support", ["p:1"], [part, Origin("iban", "dec_000001", 1_800_000_000).as_part()])
    store.close()
    return data


def test_what_a_decision_brought_is_shown_and_forgotten_with_a_record_of_who_and_why(settings, kept):
    about = AboutSensitivity(settings, kept)
    (row,) = about.sessions("dec_000001")

    assert (row["of"], [one["kind"] for one in row["carries"]]) == ("place", ["iban"])
    assert about.forget(Admin("ann", frozenset({"security"})), "dec_000001", "our own imprint") == 1
    assert [wanted for _, wanted in asked(kept.forgetting)] == [[Forgotten("support", "p:1", "dec_000001")]]
    (change,) = Answers(kept).changes(3600, 9, "", "session.forget")
    assert (change["actor"], change["role"], change["via"], change["after"]) == (
        "ann",
        "security",
        "api",
        {"reason": "our own imprint"},
    )


def test_where_nothing_is_kept_nothing_is_forgotten_and_nothing_recorded(settings, data):
    about = AboutSensitivity(settings, data)

    assert about.sessions("dec_000001") == []
    assert about.forget(ADMIN, "dec_000001", "x") == 0
    assert Answers(data).changes(3600, 9, "", "session.forget") == []


def test_a_lead_sees_disputes_of_its_teams_alone(settings, data):
    said = {"team": "legal", "findings": [{"detector": "iban", "path": "messages[0].content"}]}
    made = Action("act_1", time.time_ns(), "key_1", "caller", "api", DISPUTE, "dec_000002", after=said)
    write(data, made, instance="ins_c")
    about = AboutSensitivity(settings, data)

    assert [row["decision"] for row in about.disputes(lead("legal"), 3600, "")] == ["dec_000002"]
    assert about.disputes(lead("support"), 3600, "") == []
    assert [row["decision"] for row in about.disputes(ADMIN, 3600, "legal")] == ["dec_000002"]
