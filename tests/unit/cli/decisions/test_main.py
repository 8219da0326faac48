"""``gateway decisions``: the contract's rows, one decision for people, and the same decision again."""

import json
import time

import orjson
import pytest
from click.testing import CliRunner
from support.books import NOON, SECOND, attempt, decision_made, finished, policy, request, settled, ship, write
from support.replacing import replace

from gateway.cli.decisions.main import command
from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.policy.decide.evaluate import decide
from gateway.policy.load.compile import compile_documents
from gateway.pricing.book import PriceBook
from gateway.settings import default_policies
from gateway.stores.data_dir import DataDir
from gateway.stores.policy.files import read_policies

ROW = (
    *("id", "time", "team", "key", "model", "target", "zone", "data_class", "reason", "rule", "status", "attempts"),
    *("usage", "cost_usd", "policy"),
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    directory = DataDir(tmp_path / "data")
    directory.ensure()
    return directory


@pytest.fixture
def run(data, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return lambda *arguments: CliRunner().invoke(command, [*arguments, "--data-dir", str(data.path)])


@pytest.fixture
def decided(data):
    """A decision by the policy that comes with the gateway, in the ledger with it."""
    snapshot = compile_documents(read_policies(default_policies()), PriceBook.load_bundled())
    facts = Facts(next(iter(snapshot.teams)), "key1", "auto", "openai.chat", label=Label(DataClass.RESTRICTED))
    decision = decide(snapshot, facts)
    made = replace(
        decision_made(1, at=time.time_ns()), facts=facts.as_json(), decision=decision.as_json(), policy=snapshot.hash
    )
    write(data, policy(snapshot.canonical.decode(), snapshot.hash), made, finished(1, attempts=0, cost=0))
    return decision


class TestList:
    def test_rows_are_json_with_the_contracts_names(self, run, data):
        write(data, *request(1, at=time.time_ns()))
        rows = json.loads(run("list").stdout)

        assert set(ROW) <= set(rows[0])

    def test_since_limit_and_team_narrow_it(self, run, data):
        now = time.time_ns()
        write(
            data, *request(1, at=now - 7200 * SECOND), *request(2, at=now - 2 * SECOND), *request(3, at=now, team="b")
        )

        def ids(*arguments):
            return [row["id"][-1] for row in json.loads(run("list", *arguments).stdout)]

        assert ids() == ["3", "2"]
        assert ids("--since", "3h") == ["3", "2", "1"]
        assert ids("--limit", "1") == ["3"]
        assert ids("--team", "support") == ["2"]

    def test_people_get_a_line_each_running_and_refused_ones_too(self, run, data):
        now = time.time_ns()
        refused = finished(2, at=now, status=403, error="no_permitted_route", target="", zone="", attempts=0, cost=0)
        write(data, decision_made(1, at=now), attempt(1, at=now), decision_made(2, at=now), refused)
        shown = run("list", "--format", "table").stdout

        assert "dec_000001" in shown
        assert "running" in shown
        assert "no_permitted_route" in shown

    def test_nothing_is_no_error_where_there_is_a_ledger(self, run, data):
        assert run("list").exit_code == 2
        data.egress.mkdir()
        (data.egress / "egr_1.chain").touch()
        assert run("list").stdout == "[]\n"
        assert "no decision" in run("list", "--format", "table").stdout


class TestShow:
    def test_people_see_what_was_known_weighed_dropped_tried_and_paid(self, run, data):
        failed = [attempt(1, target="vendor", zone="closed"), settled(1, outcome="upstream_error", cost=223)]
        again = [attempt(1, nth=2), settled(1, nth=2)]
        write(data, decision_made(1), *failed, *again, finished(1, attempts=2, cost=1000))
        shown = run("show", "dec_000001", "--format", "table").stdout

        for words in (
            "naïve <why>",
            "clearance",
            "upstream_error",
            "vendor",
            "email",
            "$0.000001",
            "saving",
            "ab" * 16,
        ):
            assert words in shown

    def test_it_names_the_decision_that_its_label_comes_from_and_those_that_it_went_on_to(self, run, data):
        carried = [{"detector": "session:iban", "path": "dec_000001", "start": 0, "end": 0}]
        others = [request(4, at=NOON + 5, team="legal", evidence=carried), request(5, at=NOON - 5, evidence=carried)]
        write(data, *request(1), *request(2, at=NOON + 5, evidence=carried), *request(3, at=NOON + 5))
        write(data, *others[0], *others[1], instance="ins_c")
        ship(data)
        write(data, *request(6, at=NOON + 9, evidence=carried), instance="ins_b")

        assert json.loads(run("show", "dec_000001").stdout)["led_to"] == ["dec_000002", "dec_000006"]
        first = " ".join(run("show", "dec_000001", "--format", "table").stdout.split())
        later = " ".join(run("show", "dec_000002", "--format", "table").stdout.split())
        assert "label went on to dec_000002, dec_000006" in first
        assert "label comes from dec_000001" in later
        assert "gateway sessions show dec_000001" in later
        assert "sessions show" not in run("show", "dec_000003", "--format", "table").stdout

    def test_programs_get_everything(self, run, data):
        write(data, *request(1))
        found = json.loads(run("show", "dec_000001").stdout)

        assert {"facts", "decision", "evidence", "attempt_list", "savings_usd", "trace_id"} <= set(found)

    def test_a_decision_that_nobody_knows(self, run, data):
        write(data, *request(1))
        result = run("show", "dec_x")

        assert (result.exit_code, result.stdout) == (2, "")
        assert "there is no decision 'dec_x'" in result.stderr

    def test_a_running_one_can_be_shown(self, run, data):
        write(data, decision_made(1), attempt(1))

        assert "still running" in run("show", "dec_000001", "--format", "table").stdout


class TestReplay:
    @pytest.mark.parametrize("shipped", [False, True])
    def test_the_same_facts_and_policy_give_the_same_bytes(self, run, data, decided, shipped):
        if shipped:
            ship(data)
        result = run("replay", "dec_000001", "--verbose")

        assert result.exit_code == 0
        assert f"identical: {len(decided.canonical())} bytes" in result.stdout
        assert f'"policy": "{decided.policy}"' in result.stdout

    def test_a_difference_is_shown(self, run, data, decided):
        decision = orjson.loads(decided.canonical())
        changed = replace(decision_made(2), decision=decision | {"rule": "somebody-else"}, policy=decided.policy)
        facts = run("show", "dec_000001").stdout
        write(data, replace(changed, facts=json.loads(facts)["facts"]), instance="ins_b")
        result = run("replay", "dec_000002")

        assert result.exit_code == 1
        assert '-  "rule": "somebody-else"' in result.stdout
        assert f'+  "rule": "{decided.rule}"' in result.stdout

    def test_a_policy_that_no_longer_knows_the_model_differs(self, run, data, decided):
        facts = json.loads(run("show", "dec_000001").stdout)["facts"] | {"model": "unheard-of"}
        write(data, replace(decision_made(2), facts=facts, policy=decided.policy), instance="ins_b")
        result = run("replay", "dec_000002")

        assert result.exit_code == 1
        assert "model_not_found" in result.stdout

    def test_what_is_not_there_exits_with_2(self, run, data):
        write(data, *request(1))

        assert run("replay", "dec_x").exit_code == 2
        unknown_policy = run("replay", "dec_000001")
        assert unknown_policy.exit_code == 2
        assert "policy policy1 is not in this ledger" in unknown_policy.stderr
