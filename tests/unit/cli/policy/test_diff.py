import json

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from tests.unit.cli.policy.test_main import GOOD

WIDER = GOOD.replace("max: internal, forbid: [hr]", "max: confidential, forbid: [hr]")
MOVED = GOOD.replace("{kind: prefer, by: cost}", "{kind: prefer, by: quality}")


@pytest.fixture
def run(tmp_path):
    """Compare the good policy with another one."""
    for name, text in (("old", GOOD), ("new", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.yaml").write_text(text)

    def invoke(new, *arguments):
        (tmp_path / "new" / "p.yaml").write_text(new)
        return CliRunner().invoke(cli, ["policy", "diff", str(tmp_path / "old"), str(tmp_path / "new"), *arguments])

    invoke.folder = tmp_path
    return invoke


def test_what_widens_exits_with_3_and_is_reported_with_its_line(run):
    result = run(WIDER, "--format", "table")

    assert result.exit_code == 3
    assert "WIDENS  t: confidential (without hr, phi) → away" in result.output
    assert f"{run.folder}/new/p.yaml:5 targets[1].clearance.max" in result.output
    assert "1 WIDENS; check it" in result.output


def test_what_does_not_widen_exits_with_0(run):
    narrower = CliRunner().invoke(cli, ["policy", "diff", *[str(run.folder / "old" / "p.yaml")] * 2])

    assert run(MOVED, "--format", "table").exit_code == 0
    assert "MOVES   " in run(MOVED, "--format", "table").output
    assert (narrower.exit_code, json.loads(narrower.stdout)["changes"]) == (0, [])
    assert run(GOOD + "# a comment\n", "--format", "table").output.startswith("no change")


def test_a_removed_part_is_shown_where_it_stood(run):
    result = run(GOOD.replace("  - {kind: prefer, by: cost}\n", "").replace("rules:\n", ""), "--format", "table")

    assert f"{run.folder}/old/p.yaml:13 rules[0] (removed)" in result.output


def test_it_is_json_in_a_pipe_with_a_stable_form(run):
    report = json.loads(run(WIDER).stdout)

    assert set(report) == {"old", "new", "widens", "counts", "changes"}
    assert (report["widens"], report["counts"]) == (True, {"WIDENS": 1, "NARROWS": 0, "MOVES": 0, "COST": 0})
    assert report["changes"] == [
        {
            "kind": "WIDENS",
            "teams": ["t"],
            "label": "confidential (without hr, phi)",
            "targets": ["away"],
            "what": "target away clearance.max: internal → confidential",
            "file": f"{run.folder}/new/p.yaml",
            "line": 5,
            "key": "targets[1].clearance.max",
            "side": "new",
        }
    ]


def test_markdown_is_a_heading_with_the_verdict_and_a_table_a_kind(run):
    text = run(WIDER.replace("by: cost", "by: quality"), "--format", "markdown").output

    lines = text.splitlines()
    assert lines[0] == "## Policy: 1 WIDENS, 1 MOVES; check it: more may be sent to vendors"
    assert [line for line in lines if line.startswith("###")] == [
        "### WIDENS (1): what may now be sent to a vendor, is no longer detected, or is no longer proved to stay local",
        "### MOVES (1): what is sent to other permitted targets",
    ]
    assert lines[6:8] == ["| team | label | target | change | where |", "|---|---|---|---|---|"]
    assert lines[8].startswith("| `t` | `confidential (without hr, phi)` | `away` | `target away clearance.max")
    assert text.endswith("\n")


def test_nothing_in_a_policy_becomes_markup_of_the_comment(run):
    nasty = GOOD.replace(
        "{id: t, default_class: internal}", '{id: t, default_class: internal, owner: "a|`@all`\\n<b>"}'
    )

    row = run(nasty, "--format", "markdown").output.splitlines()[-1]

    assert row.count("|") - row.count("\\|") == 6
    assert row.count("`") == 10


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_broken_policy_exits_with_2_and_tells_where_to_mend_it(run, side):
    (run.folder / "old" / "p.yaml").write_text(GOOD + ("ruels: []\n" if side == "old" else ""))

    result = run(GOOD + ("ruels: []\n" if side == "new" else ""))

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{run.folder}/{side}/p.yaml:17: ruels: unknown key" in result.stderr


def test_what_cannot_be_read_exits_with_2(run):
    (run.folder / "old" / "p.yaml").write_bytes(b"\xff\xfe\xff")
    gone = CliRunner().invoke(cli, ["policy", "diff", str(run.folder / "none"), str(run.folder / "new")])

    assert (gone.exit_code, run(GOOD).exit_code) == (2, 2)
    assert "No such file or directory; name a policy file or a directory" in gone.stderr
