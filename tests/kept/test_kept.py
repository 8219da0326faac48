"""What an earlier version wrote is read, replayed byte for byte, shipped and recovered by this one.

Each folder beside this file was made by `support.keep_version` with the version that gives it its name.
"""

import json
import tarfile
from functools import partial
from pathlib import Path

import anyio
import orjson
import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from gateway.domain.facts import Facts, canonical
from gateway.domain.label import DataClass, Label
from gateway.domain.records import DecisionMade, PolicyLoaded, encode
from gateway.policy.decide.evaluate import decide
from gateway.policy.load.compile import compile_documents
from gateway.policy.replay.replay import from_canonical
from gateway.pricing.book import PriceBook
from gateway.stores.audit.egress_proof import ProofQuery, prove
from gateway.stores.audit.ledger import audit
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.past import past_decisions
from gateway.stores.ledger.place import open_ledger
from gateway.stores.ledger.prune import Order
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.sessions.memory import MemorySessions
from gateway.stores.shipping.recovery import recover
from gateway.stores.shipping.shipper import Shipper
from gateway.stores.spool.reader import read, segments
from gateway.stores.spool.writer import SpoolWriter

HERE = Path(__file__).parent
VERSIONS = sorted(folder.name for folder in HERE.iterdir() if (folder / "data.tar.xz").exists())
FOREVER = 1 << 62
DAY = 24 * 3600


@pytest.fixture(params=VERSIONS)
def version(request):
    return HERE / request.param


@pytest.fixture
def expected(version):
    return json.loads((version / "expected.json").read_text())


@pytest.fixture
def left(version, tmp_path):
    """The data directory as the killed gateway left it, its ledger brought up as the next start does first."""
    with tarfile.open(version / "data.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    data = DataDir(tmp_path)
    open_ledger(data).close()
    return data


def run(left, *arguments, exit_code=0):
    done = CliRunner().invoke(cli, [*arguments, "--data-dir", str(left.path)])
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def records(left):
    for segment in segments(left.spool):
        reading = read(segment, 0)
        assert not reading.damage
        yield from reading.records


def test_there_is_something_kept():
    assert VERSIONS


def test_every_decision_is_decided_again_to_the_byte(left, expected):
    reader = LedgerReader(left)
    with reader.view() as view:
        snapshots = {
            policy: from_canonical(view.policy(policy)) for policy in {row["policy"] for row in expected["decisions"]}
        }
        for row in expected["decisions"]:
            stored = view.stored(row["id"])
            decision = decide(snapshots[stored.policy], Facts.from_json(stored.facts))
            assert decision.canonical() == stored.canonical
    assert len(expected["decisions"]) >= 300
    assert len(snapshots) == 2


def test_facts_keep_their_bytes_because_a_new_fact_is_left_out_where_it_is_empty(left):
    seen = 0
    for past in past_decisions(left, 0, FOREVER):
        facts = Facts.from_json(orjson.loads(past.facts))
        assert canonical(facts.as_json()) == canonical(orjson.loads(past.facts))
        seen += 1
    assert seen >= 300


def test_records_of_the_spool_are_written_again_as_they_were(left):
    kinds = set()
    for segment in segments(left.spool):
        lines = [line.partition(b" ")[2] for line in segment.read_bytes().splitlines()]
        for line, record in zip(lines, read(segment, 0).records, strict=True):
            kinds.add(record.kind)
            assert encode(record) == line
    assert {"policy", "decision", "attempt", "settled", "finished", "receipt"} <= kinds


def test_stored_policies_have_the_same_hash(left):
    loaded = [record for record in records(left) if isinstance(record, PolicyLoaded)]
    for record in loaded:
        assert from_canonical(record.text.encode()).hash == record.id
    assert loaded


@pytest.mark.parametrize("name", ["first", "second"])
def test_the_policy_file_is_still_read_as_the_same_policy(version, left, name):
    known = {record.id for record in records(left) if isinstance(record, PolicyLoaded)}

    file = ("policy.json", (version / f"{name}.json").read_text())
    assert compile_documents([file], PriceBook.load_bundled()).hash in known


def test_the_command_line_reads_the_same_decisions_and_costs(left, expected):
    span = ("--from", expected["day"], "--to", expected["to"], "--format", "json")

    rows = run(left, "decisions", "list", *span, "--limit", "1000")
    assert [kept(row, like=old) for row, old in zip(rows, expected["decisions"], strict=True)] == expected["decisions"]
    for by, old in expected["costs"].items():
        found = run(left, "report", "costs", "--by", by, *span)["rows"]
        assert [kept(row, like=one) for row, one in zip(found, old, strict=True)] == old


def kept(row, like):
    """What an earlier version knew of a row; a later one may say more."""
    return {name: value for name, value in row.items() if name in like}


def test_the_books_are_sound(left):
    audit = run(left, "ledger", "verify", exit_code=1)

    assert [problem["kind"] for problem in audit["problems"]] == ["orphan", "unfinished"]
    assert audit["requests"] >= 300


def test_what_a_kill_left_open_is_settled_once_and_then_nothing_is_missing(left, expected):
    writer = SpoolWriter(left.spool, "edg_later")
    try:
        found = recover(left, writer, expected["wall_ns"])
        assert (found.orphans_settled, found.requests_finished) == (1, 1)
        assert recover(left, writer, expected["wall_ns"]).orphans == ()
    finally:
        writer.close()
    assert run(left, "ledger", "verify")["ok"]


class Then:
    """The clock of a process that starts a minute after the kill."""

    def __init__(self, expected):
        self._wall = expected["wall_ns"] + 60 * 10**9

    def wall_ns(self):
        return self._wall

    def monotonic(self):
        return 1000.0


def test_conversations_keep_what_they_carried_or_count_as_lost(left, expected):
    """0.1.0 knew conversations without an id by other keys: what these carried may be anybody's now."""
    lines = [json.loads(line) for line in left.sessions.read_text().splitlines()]
    sessions = MemorySessions(Then(expected), left.sessions)
    for line in lines:
        if line["vendor"]:
            team = line["team"].partition(":")[2]
            assert anyio.run(sessions.sealed_by, team, [line["key"]]) == {line["key"]: line["vendor"]}
            continue
        if line["key"].startswith(("c:", "k:")):
            assert not anyio.run(partial(sessions.covers, line["team"], None, "", keep=False))
            continue
        (parts,) = anyio.run(sessions.find, line["team"], [line["key"]])
        found = {part.kind: part.label for part in parts}
        for kind, label in line["labels"].items():
            assert found[kind].covers(Label.from_json(label))
    sessions.close()
    assert lines


def test_every_kind_of_call_is_among_them(left, expected):
    rows, made = expected["decisions"], [one for one in records(left) if isinstance(one, DecisionMade)]

    reasons = {"failover", "sensitivity", "policy", "capability", "budget", "quality", "rollout", "cost", "latency"}
    assert reasons <= {row["reason"] for row in rows}
    assert {200, 400, 403, 429, 499, 503, 504, None} <= {row["status"] for row in rows}
    assert {"openai.chat", "anthropic.messages"} <= {one.facts["dialect"] for one in made}
    assert {True, False} == {one.facts["stream"] for one in made}
    assert any(one.decision.get("masked") for one in made)
    assert any(one.facts.get("exceptions") for one in made)


def test_sums_proofs_and_the_state_of_the_books_outlive_a_prune_of_everything(left):
    with open_ledger(left) as ledger:
        shipper = Shipper(left, ledger)
        while shipper.ship_once().more:
            pass

    def said():
        report = run(left, "report", "costs", "--from", "2026-11-30", "--to", "2026-11-30", "--by", "target")
        proof = prove(left, ProofQuery(DataClass.PUBLIC, 0, FOREVER))
        with LedgerReader(left).view() as view:
            booked = view.booked(0, FOREVER)
        return report, proof.groups, len(proof.left) + proof.pruned, proof.whole, booked, audit(left).problems

    before = said()
    with open_ledger(left) as ledger:
        done = ledger.prune(Order("prn_1", 0, "ann", FOREVER // DAY * DAY), lambda _: None)

    assert done.requests == 327  # of 328: one was open when its gateway was killed
    assert said() == before
