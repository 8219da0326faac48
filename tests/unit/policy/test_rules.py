from pathlib import Path
from typing import ClassVar, get_args

import pytest
from support.fakes import policy
from support.replacing import replace

from gateway.domain.decision import REASONS
from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.policy import rules as package
from gateway.policy.decide.evaluate import decide
from gateway.policy.rules import HARD_ORDER, AnyRule, HardRule
from gateway.policy.rules.base import Rule
from tests.unit.policy.conftest import closed, local

NO_KIND = {"__init__", "base", "selection"}


def dropped(make, asked, rule, *, target=None, **changes):
    """Return {target: (rule, detail)} of a policy with one more hard rule."""
    targets = changes.pop("targets", None) or [local("home"), target or closed("away")]
    decision = decide(make(targets=targets, rules=[rule] if rule else [], **changes), asked)
    return {drop.target: (drop.rule, drop.detail) for drop in decision.dropped}


def test_every_kind_has_a_file_and_every_file_a_kind():
    listed = {kind.model_fields["kind"].annotation.__args__[0] for kind in get_args(get_args(AnyRule)[0])}
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")} - NO_KIND

    assert listed == files - {"dialect", "input"}


def test_every_hard_rule_has_its_place_in_the_order_of_reasons():
    hard = {kind for kind in get_args(get_args(AnyRule)[0]) if issubclass(kind, HardRule)}
    places = [REASONS.index(kind.reason) for kind in HARD_ORDER]

    assert hard < set(HARD_ORDER)
    assert places == sorted(places)


def test_a_rule_without_an_id_is_called_by_its_kind():
    assert Rule(kind="x").name == "x"
    assert Rule(kind="x", id="y").name == "y"


class TestClearance:
    def test_it_holds_unlisted(self, make, facts):
        detail = ("clearance", "confidential data, cleared up to internal")

        assert dropped(make, facts(DataClass.CONFIDENTIAL), None) == {"away": detail}

    def test_listing_it_gives_it_a_why(self, make, facts):
        snapshot = make(rules=[{"kind": "clearance", "why": "ask legal"}])

        assert decide(snapshot, facts(DataClass.RESTRICTED)).dropped[0].why == "ask legal"
        assert sum(hard.rule.kind == "clearance" for hard in snapshot.hard) == 1

    def test_forbidden_categories_and_regions_count(self, make, facts):
        target = closed("away", clearance={"max": "internal", "forbid": ["pci"]}, region="us")
        label = Label(DataClass.PUBLIC, frozenset(), frozenset({"eu"}))

        assert "away" in dropped(make, facts(categories=(Category.PCI,)), None, target=target)
        assert "away" in dropped(make, facts(label=label), None, target=target)


class TestDialect:
    @pytest.mark.parametrize(
        ("kind", "zone", "dialect", "lost"),
        [
            ("openai", "local", "anthropic.messages", False),
            ("openai", "local", "openai.responses", False),
            ("anthropic", "local", "openai.chat", False),
            ("anthropic", "local", "openai.responses", False),
            ("anthropic", "local", "openai.embeddings", True),
            ("anthropic", "local", "anthropic.messages", False),
            ("sglang", "local", "anthropic.messages", False),
            ("openai", "closed", "anthropic.messages", False),
        ],
    )
    def test_servers_take_what_they_speak_and_what_is_translated_for_them(self, make, facts, kind, zone, dialect, lost):
        target = (local if zone == "local" else closed)("x", kind=kind)
        models = [{"name": "auto", "candidates": ["x"]}]

        decision = decide(make(targets=[target], models=models), facts(dialect=dialect))

        assert [drop.rule for drop in decision.dropped] == (["dialect"] if lost else [])

    @pytest.mark.parametrize(
        ("kind", "zone", "lost"), [("sglang", "local", True), ("sglang", "closed", True), ("openai", "closed", True)]
    )
    def test_a_target_that_speaks_less_is_dropped_where_nothing_translates(self, make, facts, kind, zone, lost):
        more = {"api_base": "https://hosted.example/v1"} if zone == "closed" and kind == "sglang" else {}
        target = (local if zone == "local" else closed)("x", kind=kind, dialects=["openai.chat"], **more)
        models = [{"name": "auto", "candidates": ["x"]}]

        chat = decide(make(targets=[target], models=models), facts(dialect="openai.chat"))
        other = decide(make(targets=[target], models=models), facts(dialect="openai.embeddings"))

        assert not chat.dropped
        assert [drop.detail for drop in other.dropped] == (
            ["it speaks openai.chat, not openai.embeddings"] if lost else []
        )


class TestLicense:
    RULE: ClassVar = {"kind": "license", "deny": ["forbidden"]}

    def test_it_drops_by_commercial_use(self, make, facts):
        target = closed("away", license={"id": "NC", "commercial_use": "forbidden"})

        assert dropped(make, facts(), self.RULE, target=target) == {
            "away": ("license", "licence NC: commercial use forbidden")
        }

    def test_it_leaves_what_has_another_licence_or_none(self, make, facts):
        target = closed("away", license={"id": "C", "commercial_use": "conditional"})

        assert dropped(make, facts(), self.RULE, target=target) == {}


class TestResidency:
    RULE: ClassVar = {"kind": "residency", "regions": ["eu", "ch"]}

    def test_it_keeps_only_the_named_regions(self, make, facts):
        targets = [local("home", region="eu"), closed("away", region="us")]

        assert dropped(make, facts(), self.RULE, targets=targets) == {
            "away": ("residency", "region us, must be eu or ch")
        }

    def test_a_target_of_no_region_is_in_none(self, make, facts):
        assert dropped(make, facts(), self.RULE)["home"] == ("residency", "region unknown, must be eu or ch")

    def test_it_holds_only_where_its_condition_does(self, make, facts):
        assert dropped(make, facts(), self.RULE | {"when": "team == 'x'"}) == {}


class TestAllowAndDeny:
    @pytest.mark.parametrize(
        "pointing",
        [{"targets": ["away"]}, {"targets": ["a*"]}, {"zones": ["closed"]}, {"kinds": ["openai"]}],
    )
    def test_they_point_by_id_glob_zone_and_kind(self, make, facts, pointing):
        assert dropped(make, facts(), {"kind": "deny", **pointing}) == {"away": ("deny", "denied here")}
        assert dropped(make, facts(), {"kind": "allow", **pointing}) == {
            "home": ("allow", "not among the targets allowed here")
        }

    def test_all_lists_that_are_given_must_fit(self, make, facts):
        rule = {"kind": "deny", "zones": ["closed"], "kinds": ["anthropic"]}

        assert dropped(make, facts(), rule) == {}


class TestCapability:
    RULE: ClassVar = {"kind": "capability"}

    def test_it_drops_what_lacks_a_need(self, make, facts):
        target = closed("away", capabilities=["tools", "vision"])

        assert dropped(make, facts(needs=("tools",)), self.RULE, target=target) == {
            "home": ("capability", "cannot do tools")
        }

    def test_it_drops_what_is_too_small(self, make, facts):
        target = closed("away", context_window=599)

        assert dropped(make, facts(input_tokens=500, max_tokens=100), self.RULE, target=target) == {
            "away": ("capability", "500 + 100 tokens, context window 599")
        }
        assert dropped(make, facts(input_tokens=500), self.RULE, target=target) == {}


class TestQualityFloor:
    RULE: ClassVar = {"kind": "quality_floor", "min": 0.8}

    def test_below_the_floor_and_unknown_are_dropped(self, make, facts):
        targets = [local("home"), closed("away", quality={"default": 0.9, "code": 0.7})]

        assert dropped(make, facts(), self.RULE, targets=targets) == {
            "home": ("quality_floor", "quality unknown, floor 0.8")
        }
        assert dropped(make, facts(task="code"), self.RULE, targets=targets)["away"] == (
            "quality_floor",
            "quality 0.7, floor 0.8",
        )


class TestMaxCost:
    def test_it_looks_at_the_expected_cost_or_at_the_bound(self, make, facts):
        asked = facts(input_tokens=1000, input_bytes=4000, max_tokens=1)

        assert dropped(make, asked, {"kind": "max_cost", "usd": 0.003}) == {}
        assert dropped(make, asked, {"kind": "max_cost", "usd": 0.003, "estimate": "hold"}) == {
            "home": ("max_cost", "hold cost 0.004001 USD, ceiling 0.003 USD"),
            "away": ("max_cost", "hold cost 0.008002 USD, ceiling 0.003 USD"),
        }


class TestBudget:
    def team(self, **budget):
        return [{"id": "t", "default_class": "public", "budget": {"usd": 1, **budget}}]

    def lost(self, make, asked, **budget):
        return set(dropped(make, asked, {"kind": "budget"}, teams=self.team(**budget)))

    def test_it_drops_what_it_covers_and_what_is_left_cannot_pay(self, make, facts):
        poor = facts(budget_left_nanos=0)

        assert self.lost(make, poor) == {"away"}
        assert self.lost(make, poor, covers="all") == {"away", "home"}
        assert self.lost(make, facts(budget_left_nanos=10**9)) == set()

    def test_local_only_never_takes_local_targets_away(self, make, facts):
        assert self.lost(make, facts(budget_left_nanos=0), covers="all", on_exhausted="local_only") == {"away"}

    def test_a_strict_one_takes_no_call_without_a_bound_however_much_is_left(self, make, facts):
        endless = facts(budget_left_nanos=10**18, fetches=-1)

        assert self.lost(make, endless, strict=True) == {"away"}
        assert self.lost(make, endless) == set()
        assert "max_uses" in dropped(make, endless, {"kind": "budget"}, teams=self.team(strict=True))["away"][1]

    def test_no_budget_no_drop(self, make, facts):
        rule = {"kind": "budget"}

        assert dropped(make, facts(), rule, teams=self.team()) == {}
        assert dropped(make, facts(budget_left_nanos=0), rule) == {}
        assert dropped(make, facts(team="unknown", budget_left_nanos=0), rule) == {}


def paced(pace, governed=()):
    return Facts("t", "k", "auto", "openai.chat", pace=(("team", pace),), governed=governed)


@pytest.mark.parametrize(
    ("pace", "governed", "first"),
    [
        (0, (), "away"),
        (1999, (), "away"),
        (2000, (), "home"),
        (1500, ("burn_rate",), "home"),
        (999, ("burn_rate",), "away"),
    ],
)
def test_a_budget_that_goes_too_fast_prefers_our_own_hardware(pace, governed, first):
    rules = [{"kind": "burn_rate", "over": 2}, {"kind": "prefer", "by": "order", "order": ["away", "home"]}]
    decision = decide(policy(rules=rules), paced(pace, governed))
    assert decision.ranked[0].target == first
    assert decision.reason == ("budget" if first == "home" else "order")


def test_an_incumbent_stays_first_whatever_the_pace():
    rules = [{"kind": "burn_rate", "over": 2}]
    models = [{"name": "auto", "incumbent": "away", "candidates": ["home"]}]
    assert decide(policy(rules=rules, models=models), paced(9000)).ranked[0].target == "away"


def test_the_pace_is_a_fact_that_comes_back():
    facts = paced(1500, ("burn_rate",))
    assert Facts.from_json(facts.as_json()) == facts
    assert "pace" not in Facts("t", "k", "auto", "openai.chat").as_json()


class TestInput:
    @pytest.mark.parametrize("listed", [None, {"kind": "capability"}])
    @pytest.mark.parametrize("need", ["pdf", "file"])
    def test_a_model_without_the_input_kind_is_never_chosen_and_the_decision_says_so(self, make, facts, need, listed):
        asked = replace(facts(), needs=(need,))
        blind, sees = closed("away"), closed("away", capabilities=["vision"])
        said = ("capability", f"cannot do {need}") if listed else ("input", f"does not take {need}")

        assert dropped(make, asked, listed, target=blind) == {"home": said, "away": said}
        assert dropped(make, asked, listed, target=sees) == {"home": said}

    def test_a_target_takes_what_its_policy_says(self, make, facts):
        asked = replace(facts(), needs=("file", "pdf"))
        targets = [
            local("home", capabilities=["pdf"]),
            closed("away", kind="litellm", model="x/y", capabilities=["pdf", "file"]),
        ]

        assert dropped(make, asked, None, targets=targets) == {"home": ("input", "does not take file")}

    def test_other_needs_are_the_capability_rules(self, make, facts):
        assert dropped(make, replace(facts(), needs=("audio", "tools", "vision")), None) == {}
