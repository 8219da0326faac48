"""The sums that reports read are always those of the rows, whatever order records come in, and however often."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.books import NOON, adjustment, attempt, decision_made, finished, settled, write
from support.replacing import replace

from gateway.domain.budget import Spent
from gateway.domain.costs import GROUPINGS, total
from gateway.domain.money import CostParts
from gateway.pricing.measured import HOUR_NS
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger import report_sums, rollup, rollup_tables, writer
from gateway.stores.ledger.reader import LedgerReader
from gateway.stores.ledger.report_sums import _shown
from gateway.stores.ledger.rollup import DAY_NS, WORKED
from gateway.stores.ledger.sqlite import SqliteLedger

teams = st.sampled_from(["support", "legal"])


@st.composite
def histories(draw):
    """Records of a few requests, in any order, some more than once, cut into batches; some never come at all."""
    records = []
    for number in range(draw(st.integers(1, 6))):
        at = NOON + draw(st.integers(-2, 2)) * DAY_NS + draw(st.sampled_from([-9, 0, 9])) * HOUR_NS
        team, tries = draw(teams), draw(st.integers(0, 2))
        records.append(decision_made(number, at=at, team=team, key=f"k{number % 2}"))
        for nth in range(1, tries + 1):
            zone = draw(st.sampled_from(["local", "closed"]))
            records.append(attempt(number, nth=nth, at=at, target=zone, zone=zone, team=team))
            parts = draw(st.sampled_from([None, CostParts(1, 2, 30, 4)]))
            paid = settled(number, nth=nth, at=at, cost=draw(st.integers(40, 9**9)), parts=parts)
            records.append(replace(paid, discount=draw(st.sampled_from([0, 7]))))
            if draw(st.booleans()):
                reason = draw(st.sampled_from(["rerate", "gpu_hour"]))
                records.append(adjustment(number, nth=nth, amount=draw(st.integers(-9, 9)), reason=reason))
        served = "local" if tries else ""
        reference = draw(st.sampled_from([None, 9000]))
        records.append(finished(number, at=at, target=served, attempts=tries, zone=served, reference=reference))
    kept = [record for record in records if draw(st.integers(0, 9))]
    again = draw(st.lists(st.sampled_from(kept), max_size=5)) if kept else []
    order = draw(st.one_of(st.just([*kept, *again]), st.permutations([*kept, *again])))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def from_rows(seen, from_ns, to_ns, by):
    raw = [rollup_tables.read(base, "d.at >= :a AND d.at < :b", {"a": from_ns, "b": to_ns}) for base in seen._databases]
    sums = rollup.Sums()
    for part in raw:
        for request in part.requests:
            sums.add(request, part.attempts.get(request["id"], ()))
    found = {_shown(name, by): row for name, row in rollup.cost_rows(sums, by).items()}
    timeless = {"latency": {}, "ttft": {}} if by == "cost_center" else {}
    return {name: replace(row, **timeless) for name, row in found.items()}


def hours_from_rows(seen, from_ns, to_ns):
    sql = (
        "SELECT a.target, a.team, s.* FROM {db}.settlements s JOIN {db}.attempts a ON a.id = s.attempt"
        " WHERE a.zone = 'local' AND s.decision NOT IN {elsewhere} AND a.decision IN (SELECT id FROM {db}.decisions)"
    )
    found = {}
    for row in seen.select(sql):
        if from_ns // HOUR_NS <= row["at"] // HOUR_NS < -(-to_ns // HOUR_NS):
            worked = found.setdefault((row["at"] // HOUR_NS, row["target"], row["team"]), Counter())
            worked.update({name: row[name] for name in WORKED})
    return found


def spent_from_rows(seen, since_ns):
    sql = (
        "SELECT coalesce(a.team, d.team, '') AS team, coalesce(d.key, '') AS key, coalesce(a.zone, 'closed') AS zone,"
        " s.cost + coalesce((SELECT sum(x.amount) FROM {db}.adjustments x WHERE x.attempt = a.id AND d.id IS NOT NULL),"
        " 0) AS cost, s.input_tokens + s.output_tokens AS tokens FROM {db}.settlements s"
        " LEFT JOIN {db}.attempts a ON a.id = s.attempt LEFT JOIN {db}.decisions d ON d.id = s.decision"
        " WHERE coalesce(d.at, a.at, s.at) >= :since AND s.decision NOT IN {elsewhere}"
    )
    sums = {}
    for row in seen.select(sql, {"since": since_ns}):
        taken = sums.setdefault((row["team"], row["key"], row["zone"]), [0, 0])
        taken[0] += row["cost"]
        taken[1] += row["tokens"]
    return [Spent(*key, *sums[key]) for key in sorted(sums) if any(sums[key])]


def figures(row):
    return {name: getattr(row, name) for name in row.__slots__ if name != "name"}


def timeless(row):
    return replace(row, latency={}, ttft={})


@settings(max_examples=60)
@given(batches=histories(), shipped=st.integers(0, 4), cut=st.sampled_from([None, -8, 0, 8]))
def test_reports_are_the_sums_of_the_rows(tmp_path_factory, batches, shipped, cut):
    data = DataDir(tmp_path_factory.mktemp("ledger"))
    data.ensure()
    with SqliteLedger(data.ledger) as ledger:
        for batch in batches[:shipped]:
            ledger.store(batch)
    for number, batch in enumerate(batches[shipped:]):  # the rest lies in the spool
        write(data, *batch, instance=f"ins_{number}")
    # Cut so many hours after noon: what is left of a day is added up, or what is missing of it is taken out.
    ever = (0, NOON + 90 * DAY_NS)
    span = ever if cut is None else (NOON - DAY_NS + cut * HOUR_NS, NOON + DAY_NS + cut * HOUR_NS + 1)
    with LedgerReader(data).view() as view:
        for by in GROUPINGS:
            shown = {row.name: figures(row) for row in view.cost_rows(*span, by)}
            assert shown == {name: figures(row) for name, row in from_rows(view._seen, *span, by).items()}
            for name, row in shown.items():
                parts = ("cached_input_cost", "cache_write_cost", "output_cost", "other_cost")
                assert sum(row[part] for part in parts) <= row["closed_cost"] + row["local_cost"], name
        assert report_sums.hours(view._seen, *span) == hours_from_rows(view._seen, *span)
        assert view.spent_by(span[0]) == spent_from_rows(view._seen, span[0])
        for team in ("support", "legal"):
            of_team = view.cost_groups(*span, ("day", "target", "team"), {"team": team})
            alone = [row for row in view.cost_rows(*span, "team") if row.name == team]
            assert timeless(total(of_team.values())) == timeless(total(alone))
            assert {names[2] for names in of_team} <= {team}


@given(batches=histories())
def test_sums_of_requests_that_came_whole_are_those_of_reading_them_back(tmp_path_factory, batches):
    one, other = (DataDir(tmp_path_factory.mktemp("ledger")) for _ in range(2))
    for data in (one, other):
        data.ensure()
    with SqliteLedger(one.ledger) as ledger:
        new = [ledger.store(batch).new for batch in batches]
    with SqliteLedger(other.ledger) as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "whole_requests", lambda rows, known: [])
        assert [ledger.store(batch).new for batch in batches] == new
    assert tables_of(one) == tables_of(other)


def tables_of(data):
    """The tables of sums, row by row."""
    with closing(sqlite3.connect(data.ledger)) as connection:
        names = ("rollup", "rollup_hours", "rollup_spreads", "unrolled")
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in names}


@given(batches=histories())
def test_sums_that_were_lost_are_made_anew(tmp_path_factory, batches):
    data = DataDir(tmp_path_factory.mktemp("ledger"))
    data.ensure()
    with SqliteLedger(data.ledger) as ledger:
        for batch in batches:
            ledger.store(batch)
        before = sums_of(data)
        for table in ("rollup", "rollup_hours", "rollup_spreads", "unrolled"):
            ledger._database.run(f"DELETE FROM {table}", [{}])
        ledger._database.run("INSERT INTO unrolled SELECT id FROM decisions", [{}])
        while ledger.catch_up():
            pass
        assert sums_of(data) == before


def sums_of(data):
    with LedgerReader(data).view() as view:
        rows = {by: view.cost_rows(0, NOON + 90 * DAY_NS, by) for by in GROUPINGS}
        return rows, report_sums.hours(view._seen, 0, NOON + 90 * DAY_NS)
