"""``gateway ledger prune``: says first what it would do, does nothing to books that are wrong."""

import fcntl
import json
import sqlite3
import time

import pytest
import yaml
from click.testing import CliRunner
from support.books import SECOND, Books, request, ship, write
from support.fakes import policy

from gateway.cli.decisions.main import command as decisions
from gateway.cli.ledger.main import command
from gateway.cli.report.main import command as report
from gateway.domain.budget import period
from gateway.domain.records import PolicyLoaded
from gateway.queries.budget_days import budget_days
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger.reader import LedgerReader

DAY = 86_400 * SECOND


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = DataDir(tmp_path / "data")
    made.ensure()
    now = time.time_ns()
    write(made, *request(1, at=now - 9 * DAY), *request(2, at=now - 8 * DAY), *request(3, at=now - DAY))
    ship(made)
    return made


def day(back: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - back * 86_400))


def prune(data, *more, before=None):
    arguments = ["prune", "--data-dir", str(data.path), "--before", before or day(4), *more]
    return CliRunner().invoke(command, arguments)


def there(data):
    return sorted(row["id"] for row in Books(data).decisions(0, 10))


def test_without_apply_it_counts_and_removes_nothing(data):
    found = json.loads(prune(data).stdout)

    assert (found["applied"], found["requests"], found["attempts"], found["left_whole"]) == (False, 2, 2, 0)
    assert there(data) == ["dec_000001", "dec_000002", "dec_000003"]


def test_with_apply_it_removes_what_it_counted(data):
    counted = json.loads(prune(data).stdout)
    removed = json.loads(prune(data, "--apply").stdout)

    assert removed == counted | {"applied": True}
    assert there(data) == ["dec_000003"]


def test_doing_it_twice_removes_nothing_more(data):
    prune(data, "--apply")

    assert json.loads(prune(data, "--apply").stdout)["requests"] == 0


@pytest.mark.parametrize("before", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_refused(data, before):
    result = prune(data, before=before)

    assert result.exit_code == 2
    assert "write it as 2026-11-30" in result.stderr


def test_the_youngest_days_stay(data):
    result = prune(data, "--apply", before=day(1))

    assert result.exit_code == 2
    assert f"the latest possible day is {day(2)}" in result.stderr
    assert len(there(data)) == 3


def test_books_that_are_wrong_stay_as_they_are(data):
    with sqlite3.connect(data.ledger) as connection:
        connection.execute("UPDATE settlements SET cost = cost + 1 WHERE attempt = 'att_000003_1'")
    connection.close()
    result = prune(data, "--apply")

    assert result.exit_code == 1
    assert "nothing was removed; the first is sum: dec_000003" in result.stderr
    assert len(there(data)) == 3


def test_what_needs_single_requests_says_from_which_day_on(data):
    prune(data, "--apply")
    where = ["--data-dir", str(data.path)]
    target = {
        "id": "home", "zone": "local", "kind": "sglang", "model": "m", "endpoints": ["http://127.0.0.1:30000"],
        "clearance": "restricted", "context_window": 8000, "max_output_tokens": 1000,
    }  # fmt: skip
    price = {"input_per_mtok_usd": 1, "output_per_mtok_usd": 1}
    document = {"version": 1, "targets": [target | {"price": price}], "models": [{"name": "a", "candidates": ["home"]}]}
    data.path.with_name("policies").mkdir()
    (data.path.with_name("policies") / "p.yaml").write_text(yaml.safe_dump(document))
    rerate = CliRunner().invoke(
        command, ["rerate", *where, "--from", day(20), "--to", day(1), "--policies", "policies"]
    )
    gpu = CliRunner().invoke(report, ["gpu", *where, "--from", day(20), "--to", day(1), "--apply"])
    show = CliRunner().invoke(decisions, ["show", *where, "dec_000001"])

    assert (rerate.exit_code, gpu.exit_code, show.exit_code) == (2, 2, 2)
    assert f"requests before {day(4)} were pruned: calls can be re-priced only from that day on" in rerate.stderr
    assert "true prices can be booked only from that day on" in gpu.stderr
    assert "`gateway ledger verify` says which days were pruned" in show.stderr


def test_a_prune_is_recorded_with_who_did_it(data):
    prune(data, "--apply")
    with LedgerReader(data).view() as view:
        (found,) = view.actions(0, 10)

    assert (found.action, found.subject, found.via) == ("ledger.prune", f"before {day(4)}", "cli")
    assert (found.before, found.after) == ({"requests": 2}, {"requests": 0})


def test_verify_says_what_was_pruned_and_that_the_books_are_right(data):
    prune(data, "--apply")
    result = CliRunner().invoke(command, ["verify", "--data-dir", str(data.path), "--format", "json"])
    found = json.loads(result.stdout)

    assert (result.exit_code, found["ok"]) == (0, True)
    assert [one["kind"] for one in found["notes"]] == ["pruned"]


def test_without_a_ledger_nothing_is_made_and_nothing_recorded(tmp_path):
    result = prune(DataDir(tmp_path / "none"), "--apply")

    assert (result.exit_code, "there is no ledger in" in result.stderr) == (2, True)
    assert not (tmp_path / "none").exists()


def test_a_prune_of_nothing_leaves_no_record(data):
    prune(data, "--apply")
    prune(data, "--apply")
    with LedgerReader(data).view() as view:
        assert len(view.actions(0, 10)) == 1


def test_one_command_at_a_time_corrects_or_prunes(data):
    with (data.path / "correcting.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        result = prune(data, "--apply")
    assert (result.exit_code, len(there(data))) == (2, 3)
    assert "another command is correcting or pruning this ledger" in result.stderr


def test_a_day_long_ago_is_refused_in_a_line(data):
    result = prune(data, before="0001-01-01")
    assert (result.exit_code, "is before 1970" in result.stderr) == (2, True)


def test_the_day_in_which_a_running_budget_began_stays(data):
    """A month in Berlin begins on the evening before in UTC; one in Kiritimati half a day before."""
    now = time.time_ns()
    zone = "Pacific/Kiritimati"
    budget = {"usd": 50, "per": "month", "time_zone": zone}
    snapshot = policy(teams=[{"id": "support", "default_class": "public", "budget": budget}])
    write(data, PolicyLoaded(snapshot.hash, now, snapshot.canonical.decode()), instance="ins_p")
    ship(data)
    (kept,) = budget_days(LedgerReader(data), now)
    start = period(snapshot.teams["support"].budgets[0], now).start_ns
    assert kept == start // DAY
