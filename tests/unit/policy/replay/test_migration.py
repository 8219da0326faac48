"""What of the calls to vendors our own hardware could take."""

import orjson
import pytest
from support.fakes import closed, local, policy
from support.replacing import replace

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label
from gateway.domain.usage import Usage
from gateway.policy.replay.backtest import Past
from gateway.policy.replay.migration import NO_EVIDENCE, NO_TARGET, Migration

NOON = 1_795_348_800 * 10**9
FACTS = Facts("support", "k", "auto", "openai.chat", input_tokens=100, input_bytes=400, max_tokens=100)
GPU = {"gpu_hour_usd": 2.5, "gpus": 2, "tokens_per_second": 1000}


def made(rules=(), **home):
    targets = [local("home", quality={"default": 0.8}, price=GPU, **home), closed("away")]
    return policy(
        targets=targets,
        models=[{"name": "auto", "candidates": ["away"]}],
        rules=[{"kind": "capability"}, *rules, {"kind": "prefer", "by": "cost"}],
        teams=[{"id": "support", "default_class": "public"}],
    )


def past(facts=FACTS, usage=None, at=NOON, zone="closed", cost=10**9):
    usage = usage or Usage(6000, 0, 0, 0)
    return Past("dec_1", at, facts.team, orjson.dumps(facts.as_json()), b"{}", usage, zone, cost)


def cell(snapshot, *pasts):
    found = Migration(snapshot)
    for one in pasts:
        found.add(one)
    return found, found.cells["support", "other"]


def test_a_request_that_fits_says_what_it_would_save():
    _, one = cell(made(), past())
    assert (one.requests, one.fits, one.spend, one.fits_spend) == (1, 1, 10**9, 10**9)
    assert 0 < one.saving_low < one.saving_high < 10**9


def test_the_asked_model_need_not_list_the_target():
    assert cell(made(), past())[1].fits == 1


@pytest.mark.parametrize(
    ("facts", "home", "rules", "blocker"),
    [
        (replace(FACTS, input_tokens=50_000), {}, (), "context"),
        (replace(FACTS, needs=("vision",)), {}, (), "cannot do vision"),
        (replace(FACTS, label=Label(DataClass.RESTRICTED)), {"clearance": "internal"}, (), "class"),
        (FACTS, {"quality": {"code": 0.9}}, (), NO_EVIDENCE),
        (FACTS, {}, ({"kind": "quality_floor", "min": 0.9},), "quality"),
    ],
)
def test_what_does_not_fit_says_why(facts, home, rules, blocker):
    base = {"quality": {"default": 0.8}} | home
    targets = [local("home", price=GPU, **base), closed("away")]
    snapshot = policy(
        targets=targets,
        rules=[{"kind": "capability"}, *rules, {"kind": "prefer", "by": "cost"}],
        teams=[{"id": "support", "default_class": "public"}],
    )
    _, one = cell(snapshot, past(facts))
    assert (one.fits, list(one.blockers)) == (0, [blocker])


def test_without_local_targets_nothing_fits():
    snapshot = policy(
        targets=[closed("away")], models=[{"name": "auto", "candidates": ["away"]}],
        rules=[{"kind": "prefer", "by": "cost"}], teams=[{"id": "support", "default_class": "public"}],
    )  # fmt: skip
    assert list(cell(snapshot, past())[1].blockers) == [NO_TARGET]


def test_money_is_no_reason_not_to_move():
    assert cell(made(rules=({"kind": "max_cost", "usd": 0.0001},)), past())[1].fits == 1


def test_the_busiest_minute_says_how_many_gpus_it_takes():
    busy = [past(at=NOON + number * 10**9) for number in range(20)]
    found, one = cell(made(), *busy, past(at=NOON + 600 * 10**9))
    assert one.peak("home") == 20 * 6000 / 60
    assert found.gpus(one) == {0.2: 20, 0.4: 10, 0.6: 7}
    assert one.p95_context == pytest.approx(6000, rel=0.01)


def test_gpus_are_those_of_the_hardware_that_stood_there_then():
    faster = {"target": "home", "from": "2026-01-01", "price": GPU | {"tokens_per_second": 10_000}}
    targets = [local("home", quality={"default": 0.8}, price=GPU), closed("away")]
    models = [{"name": "auto", "candidates": ["away"]}]
    teams = [{"id": "support", "default_class": "public"}]
    snapshot = policy(targets=targets, models=models, teams=teams, prices=[faster])
    found, one = cell(snapshot, past(usage=Usage(60_000, 0, 0, 0)))

    assert found.gpus(one) == {0.2: 1, 0.4: 1, 0.6: 1}


def test_calls_that_no_vendor_served_do_not_matter():
    found = Migration(made())
    found.add(past(zone="local"))
    assert found.cells == {}


def test_the_parts_of_the_past_add_up_to_the_whole():
    pasts = [
        past(replace(FACTS, task=task, input_tokens=tokens), Usage(tokens, 0, 0, 50), NOON + minute * 60 * 10**9)
        for minute, (task, tokens) in enumerate([("other", 10), ("code", 50_000), ("other", 70), ("other", 50_000)])
    ]
    whole, parts = Migration(made()), [Migration(made()) for _ in pasts]
    for one, part in zip(pasts, parts, strict=True):
        whole.add(one)
        part.add(one)
    added = Migration(made())
    for part in parts:
        added.plus(part)
    assert added.cells == whole.cells
    assert len(whole.cells) == 2
