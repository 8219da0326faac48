import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from gateway.cli.policy import explain as policy_command
from gateway.cli.policy import in_force
from gateway.patterns import kept
from gateway.sensitivity import compiled, scan
from gateway.settings import default_policies

GOOD = """\
version: 1
targets:
  - {id: home, zone: local, kind: sglang, model: m, endpoints: [http://127.0.0.1:1], clearance: restricted,
     context_window: 8000, max_output_tokens: 100, price: {input_per_mtok_usd: 1, output_per_mtok_usd: 1}}
  - {id: away, zone: closed, kind: openai, model: gpt-5, api_key_env: K, clearance: {max: internal, forbid: [hr]},
     price: catalog, quality: {default: 0.9}}
models:
  - {name: auto, candidates: [home, away]}
  - {match: "gpt-*", incumbent: away, candidates: [home]}
teams:
  - {id: t, default_class: internal}
rules:
  - {kind: prefer, by: cost}
cases:
  - {name: good, given: {model: auto, team: t}, expect: {target: home}}
  - {name: gone, given: {model: x, team: t}, expect: {error: model_not_found}}
"""
BAD = "  - {name: bad, given: {model: auto, team: t}, expect: {target: away}}\n"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "p.yaml").write_text(GOOD)

    def invoke(*arguments, more="", **options):
        if more:
            (tmp_path / "p.yaml").write_text(GOOD + more)
        return CliRunner().invoke(cli, ["policy", *arguments], **options)

    invoke.directory = str(tmp_path)
    return invoke


class TestCheck:
    def test_a_sound_policy_exits_with_0_and_prints_who_may_send_what_where(self, run):
        result = run("check", "--policies", run.directory, "--format", "table")

        assert result.exit_code == 0
        assert "is sound" in result.output
        assert "2 targets, 2 models, 1 teams, 2 cases, 0 invariants proved" in result.output
        assert "clearance" in result.output
        assert "no evidence: target away: quality: default 0.9" in result.output

    def test_it_is_json_in_a_pipe(self, run):
        report = json.loads(run("check", "--policies", run.directory).stdout)

        cell = {"team": "t", "target": "away", "data_class": "internal", "categories": ["hr"]}
        assert cell | {"may_leave": False, "rule": "clearance", "exception": None} in report["egress"]
        assert report["notices"] == [{"kind": "no evidence", "where": "target away", "text": "quality: default 0.9"}]
        assert report["ok"] is True

    @pytest.mark.parametrize("form", ["json", "text"])
    def test_in_a_pipe_the_last_line_on_stderr_is_the_verdict(self, run, form):
        result = run("check", "--policies", run.directory, "--format", form)

        assert result.stderr.startswith("policy ")
        assert result.stderr.endswith("is valid: 2 targets, 2 models, 1 teams, 2 cases, 0 invariants proved\n")
        assert len(result.stderr.splitlines()) == 1

    def test_a_broken_policy_exits_with_2_and_tells_where_to_mend_it(self, run):
        result = run("check", "--policies", run.directory, more="ruels: []\n")

        assert result.exit_code == 2
        assert "p.yaml:17: ruels: unknown key; did you mean `rules`" in result.stderr
        assert "1 fault in" in result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize("form", ["json", "text"])
    def test_a_name_that_nothing_defines_is_a_warning_with_its_line_and_an_error_with_strict(self, run, form):
        more = "rollouts: []\n"
        (Path(run.directory) / "p.yaml").write_text(
            GOOD.replace("by: cost}", "by: cost, when: \"team == 'tt'\"}") + more
        )
        said = "p.yaml:13: rules[0].when: no team `tt`: nothing in the policy defines it; did you mean `t`?"

        found = run("check", "--policies", run.directory, "--format", form)
        assert found.exit_code == 0
        assert f"warning: {said}" in found.output
        assert found.stderr.splitlines()[-1].endswith("1 warning")

        strict = run("check", "--strict", "--policies", run.directory, "--format", form)
        assert strict.exit_code == 2
        assert said in strict.stderr
        assert strict.stdout == ""

    def test_json_gives_a_warning_in_parts(self, run):
        (Path(run.directory) / "p.yaml").write_text(
            GOOD.replace("candidates: [home, away]", "candidates: [home]", 1)
            .replace("incumbent: away, candidates: [home]", "candidates: [home]")
            .replace("expect: {target: home}", "expect: {target: home}")
        )
        notices = json.loads(run("check", "--policies", run.directory).stdout)["notices"]

        (warning,) = [one for one in notices if one["kind"] == "warning"]
        assert (warning["file"], warning["line"], warning["key"]) == ("p.yaml", 5, "targets[1]")
        assert warning["text"] == "no model and no rollout names it"
        assert "candidates" in warning["fix"]

    def test_keys_are_looked_at_where_a_data_directory_is_named(self, run, tmp_path):
        data = str(tmp_path / "data")
        made = CliRunner().invoke(cli, ["keys", "create", "--team", "t", "--data-dir", data])
        key_id = made.stderr.split()[1]
        (Path(run.directory) / "p.yaml").write_text(
            GOOD.replace("by: cost}", f"by: cost, when: \"key == '{key_id}' || key == 'gone'\"}}")
        )

        assert run("check", "--strict", "--policies", run.directory).exit_code == 0
        found = run("check", "--strict", "--policies", run.directory, "--data-dir", data)
        assert found.exit_code == 2
        assert "no key `gone`: it is not among the API keys" in found.stderr
        assert f"no key `{key_id}`" not in found.stderr

    def test_keys_of_a_keys_file_are_looked_at_too(self, run, tmp_path):
        (tmp_path / "keys.yaml").write_text(f"- {{id: abcdefgh, team: t, sha256: {'a' * 64}}}\n")
        (tmp_path / "gateway.yaml").write_text(f"keys_file: {tmp_path / 'keys.yaml'}\n")
        place = tmp_path / "own"
        place.mkdir()
        (place / "p.yaml").write_text(GOOD.replace("by: cost}", "by: cost, when: \"key in ['abcdefgh', 'abcdefgi']\"}"))

        found = run("check", "--strict", "--policies", str(place), "--config", str(tmp_path / "gateway.yaml"))
        assert "no key `abcdefgi`: it is not among the API keys; did you mean `abcdefgh`?" in found.stderr

    def test_without_any_keys_at_the_named_place_they_cannot_be_checked(self, run, tmp_path):
        found = run("check", "--policies", run.directory, "--data-dir", str(tmp_path / "none"))

        assert found.exit_code == 2
        assert "there are no API keys in" in found.stderr

    def test_nothing_closed_nothing_leaves(self, tmp_path):
        (tmp_path / "p.yaml").write_text("version: 1\n")

        result = CliRunner().invoke(cli, ["policy", "check", "--policies", str(tmp_path), "--format", "table"])

        assert "nothing may be sent to a vendor" in result.output

    def test_a_directory_that_is_not_there_exits_with_2(self, run):
        result = run("check", "--policies", run.directory + "/none")

        assert result.exit_code == 2
        assert "No such file or directory; name a directory" in result.stderr

    def test_a_file_that_is_not_utf8_exits_with_2(self, tmp_path):
        (tmp_path / "p.yaml").write_bytes(b"\xff\xfe\xff")

        result = CliRunner().invoke(cli, ["policy", "check", "--policies", str(tmp_path)])

        assert result.exit_code == 2
        assert "is not UTF-8" in result.stderr

    def test_the_policies_beside_the_caller_come_first_then_those_of_the_package(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        shipped = default_policies()
        (tmp_path / "policies").mkdir()

        assert (shipped / "default.yaml").is_file()
        assert str(default_policies()) == "policies"


class TestTest:
    def test_patterns_that_a_gateway_keeps_here_are_used_and_kept(self, run, tmp_path, monkeypatch):
        monkeypatch.setattr(kept._Place, "kept", kept.NotKept())
        monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "data"))
        scan.scanner_for.cache_clear()
        compiled._matchers.cache_clear()
        in_force._scanner.cache_clear()
        case = '  - {name: text, given: {model: auto, team: t, text: "hello"}, expect: {target: home}}\n'
        (tmp_path / "data").mkdir(mode=0o700)

        assert run("test", "--policies", run.directory, more=case).exit_code == 0
        assert len(list((tmp_path / "data" / "patterns").glob("[0-9a-f]*"))) == 2

    def test_without_a_gateway_here_nothing_is_written(self, run, tmp_path, monkeypatch):
        monkeypatch.setattr(kept._Place, "kept", kept.NotKept())
        monkeypatch.setenv("GATEWAY_DATA_DIR", str(tmp_path / "none"))
        in_force._scanner.cache_clear()
        case = '  - {name: text, given: {model: auto, team: t, text: "hello"}, expect: {target: home}}\n'

        assert run("test", "--policies", run.directory, more=case).exit_code == 0
        assert not (tmp_path / "none").exists()

    def test_all_pass(self, run):
        result = run("test", "--policies", run.directory, "--format", "table")

        assert result.exit_code == 0
        assert "2 passed, 0 failed" in result.output
        assert "home (cost)" in result.output

    def test_a_name_in_brackets_is_printed_as_it_is(self, run):
        result = run("test", "--policies", run.directory, "--format", "table", more=BAD.replace("bad", "'[/x] [red]'"))

        assert result.exit_code == 1
        assert "[/x] [red]" in result.output

    def test_one_that_fails_exits_with_1_and_tells_why(self, run):
        cases = run("test", "--policies", run.directory, "--format", "table", more=BAD)
        report = json.loads(run("test", "--policies", run.directory, more=BAD).stdout)

        assert cases.exit_code == 1
        assert "FAIL" in cases.output
        assert (report["passed"], report["failed"]) == (2, 1)
        assert report["cases"][2]["problems"] == ["target: expected away, got home"]

    def test_cases_can_be_picked_by_name(self, run):
        result = run("test", "--policies", run.directory, "--filter", "good", more=BAD)

        assert result.exit_code == 0
        assert [case["name"] for case in json.loads(result.stdout)["cases"]] == ["good"]

    def test_no_case_is_no_failure(self, run):
        assert run("test", "--policies", run.directory, "--filter", "zzz", "--format", "table").exit_code == 0


class TestExplain:
    def explained(self, run, *arguments, **options):
        result = run("explain", "--policies", run.directory, *arguments, **options)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def test_a_text_is_labelled_and_decided(self, run):
        explained = self.explained(run, "--text", "card 4539 1488 0343 6467", "--model", "gpt-x")

        assert (explained["target"], explained["data_class"], explained["reason"]) == (
            "home",
            "restricted",
            "sensitivity",
        )
        assert explained["candidates"][1]["drops"][0]["rule"] == "clearance"

    def test_a_request_is_read_from_a_file(self, run, tmp_path):
        body = {"model": "gpt-y", "messages": [{"role": "user", "content": "4539 1488 0343 6467"}], "n": 1}
        (tmp_path / "request.txt").write_text(json.dumps(body))

        explained = self.explained(run, str(tmp_path / "request.txt"))

        assert (explained["model"], explained["data_class"]) == ("gpt-y", "restricted")

    def test_or_from_standard_input(self, run):
        explained = self.explained(
            run, "-", input='{"model": "auto", "messages": [{"role": "user", "content": "hello"}]}'
        )

        assert explained["model"] == "auto"

    def test_a_table_is_for_people(self, run):
        arguments = ["--policies", run.directory, "--format", "table", "--text", "4539 1488 0343 6467"]

        output = run("explain", *arguments, "--task", "x").output

        assert "home (cost, rule prefer)" in output
        assert "label restricted (pci)" in output

    def test_no_permitted_route_is_an_answer_too(self, run):
        (Path(run.directory) / "p.yaml").write_text(GOOD.replace("candidates: [home]}", "substitution: never}"))
        arguments = ["--policies", run.directory, "--format", "table", "--text", "x", "--model", "gpt-1"]

        result = run("explain", *arguments, "--class", "restricted")

        assert result.exit_code == 0
        assert "no permitted route" in result.output

    def test_a_model_that_nobody_offers_exits_with_1(self, run):
        result = run("explain", "--policies", run.directory, "--text", "x", "--model", "zzz")

        assert result.exit_code == 1
        assert "no model `zzz`; the policy has: auto, gpt-*" in result.stderr

    @pytest.mark.parametrize("arguments", [["--text", "x"], ["-"]])
    def test_a_team_that_the_policy_does_not_have_exits_with_2_and_names_those_it_has(self, run, arguments):
        result = run("explain", "--policies", run.directory, *arguments, "--team", "u", input="{}")

        assert result.exit_code == 2
        assert "the policy has no team 'u'; it has: t" in result.stderr

    def test_another_key_that_is_missing_is_not_taken_for_a_team(self, run, monkeypatch):
        def fail(*_):
            raise KeyError("a bug elsewhere")

        monkeypatch.setattr(policy_command, "explain_decision", fail)
        result = run("explain", "--policies", run.directory, "--text", "x")

        assert isinstance(result.exception, KeyError)
        assert "no team" not in result.output

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [([], ""), (["-", "--text", "x"], "{}"), (["-"], "no json"), (["-"], "[1]")],
    )
    def test_what_is_no_request_exits_with_2(self, run, arguments, text):
        assert run("explain", "--policies", run.directory, *arguments, input=text).exit_code == 2


def test_the_schema_is_printed():
    result = CliRunner().invoke(cli, ["policy", "schema"])

    assert json.loads(result.stdout)["title"] == "Gateway policy"


def test_the_help_tells_the_exit_codes():
    assert "2  the policy or the command line is invalid" in CliRunner().invoke(cli, ["policy", "--help"]).output
