"""Figures are printed by commands, so that anybody can print them again."""

import json
import time

import pytest
from click.testing import CliRunner
from support.books import write

from gateway.cli.sensitivity import labelled_data
from gateway.cli.sensitivity.main import command
from gateway.domain.exceptions import salted
from gateway.domain.records import Action
from gateway.stores.data_dir import DataDir

CARD = "4539 1488 0343 6467"
ROWS = [
    {"id": "a", "src": "s", "text": f"pay {CARD}", "spans": [[4, 23, "CARD"]], "kind": "pii", "pos": True},
    {"id": "b", "src": "s", "text": "the card is lost", "spans": [[0, 3, "CARD"]], "kind": "pii", "pos": True},
    {"id": "c", "src": "t", "text": "Ann lives here", "spans": [[0, 3, "PERSON"]], "kind": "pii", "pos": True},
    {"id": "d", "src": "t", "text": "add two and two", "spans": [], "kind": "clean", "pos": False},
    {"id": "e", "src": "t", "text": "key = sk_live_Zq7Rk4Ab1Xw9Lm3Pt5Vn", "spans": [], "kind": "secret", "pos": True},
]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n\n")
    return path


def run(*arguments, **options):
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], **options)
    assert result.exit_code == 0, result.output
    return result.output


def test_documents_and_spans_are_counted(data):
    report = json.loads(run("eval", "--data", data, "--mixed", 20, "--format", "json"))

    assert report["documents"]["s"]["found"] == 1
    assert report["documents"]["s"]["missed"] == 1
    assert report["documents"]["t"]["precision"] == 1
    assert report["documents"]["mixed prompts"]["right"] == 16
    assert {"source": "s", "label": "CARD", "found": 1, "of": 2, "recall": 0.5} in report["spans"]


def test_tier_2_has_rows_of_its_own(data):
    report = json.loads(run("eval", "--data", data, "--mixed", 20, "--tier2", "--format", "json"))

    alone, both = (report["documents"][name] for name in ("mixed prompts", "mixed prompts, tiers 1+2"))
    assert both["recall"] >= alone["recall"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("write to ann@mail.example.com", "examples"),
        ("pay 4111 1111 1111 1111", "examples"),
        ("id 1f0c2b7e-8a3d-4f6b-9c1e-5d7a2b4c6e8f", "UUIDs"),
        ("write to ann@acme.io", ""),
        ("pay 4539 1488 0343 6467", ""),
    ],
)
def test_examples_and_uuids_are_left_out_of_a_row_of_their_own(text, why):
    start = text.index("to ") + 3 if text.startswith("write") else text.index(" ") + 1
    label = "EMAIL" if "@" in text else "CARD" if text.startswith("pay") else "SECRET"
    assert labelled_data.left_alone({"text": text, "spans": [[start, len(text), label]]}) == why


def test_prompts_without_examples_are_counted_apart(tmp_path):
    rows = [row | {"kind": "secret"} for row in ROWS if row["id"] in "ae"] + ROWS[3:4]
    rows += [{**ROWS[0], "id": "f", "text": "mail ann@example.com", "spans": [[5, 20, "EMAIL"]]}]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))

    documents = json.loads(run("eval", "--data", path, "--mixed", 20, "--format", "json"))["documents"]

    assert documents["mixed prompts"]["missed"] == 2
    assert documents["mixed prompts (without examples)"]["missed"] == 0
    assert documents["mixed prompts (without examples)"]["right"] == 16


@pytest.mark.parametrize("split", ["tuned", "held-out"])
def test_the_splits_are_apart(data, split):
    assert "Documents" in run("eval", "--data", data, "--split", split, "--format", "table")
    assert labelled_data.is_held_out("a") == labelled_data.is_held_out("a")


def test_names_alone_are_not_counted():
    assert [labelled_data.truth(row) for row in ROWS] == [True, True, None, False, True]


def test_the_clock_is_read_for_every_kind_of_text():
    rows = json.loads(run("bench", "--quick", "--format", "json"))

    assert {"prose", "code", "log", "flood of digits", "prose, 10,000 words"} <= {row["text"] for row in rows}
    assert "100 KB" in run("bench", "--quick", "--format", "table")


def test_a_value_is_hashed_as_exceptions_take_it():
    assert run("hash", "--salt", "s1", input=f"{CARD}\n").strip() == salted(CARD, "s1")


@pytest.mark.parametrize(("salt", "value"), [("a:b", CARD), ("a", "")])
def test_nothing_is_hashed_with_half_of_what_it_takes(salt, value):
    assert CliRunner().invoke(command, ["hash", "--salt", salt], input=value).exit_code == 2


def test_disputed_findings_are_listed_with_the_exception_that_would_excuse_them(tmp_path):
    data = DataDir(tmp_path)
    data.ensure()
    said = {"team": "t", "findings": [{"detector": "iban", "path": "messages[0].content"}]}
    write(data, Action("act_1", time.time_ns() - 1, "key_1", "caller", "api", "decision.dispute", "dec_1", None, said))
    listed = CliRunner().invoke(command, ["disputes", "--data-dir", str(tmp_path), "--format", "text"]).stdout
    assert "iban in messages[0].content" in listed
    assert "detectors: [iban]" in listed
    assert CliRunner().invoke(command, ["disputes", "--data-dir", str(tmp_path), "--team", "u"]).stdout == "[]\n"
