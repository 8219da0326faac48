"""Properties of deciding, over random policies and random requests."""

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.hard_rules import HardRules, bid_for, first_certain_refusal
from gateway.policy.load.compile import compile_documents
from gateway.policy.replay.replay import from_canonical
from gateway.pricing.book import PriceBook

BOOK = PriceBook.load_bundled()
LEVELS = [level.word for level in DataClass]
CATEGORIES = [str(category) for category in Category]
IDS = ["a", "b", "c", "d", "e"]
CAPABILITIES = ["tools", "vision"]
REGIONS = ["eu", "us"]
WHEN_CERTAIN = [
    "team == 't'",
    "team == 'u'",
    "data_class >= CONFIDENTIAL",
    "'pii' in categories",
    "categories[99] == 'x'",
]
WHEN = [*WHEN_CERTAIN, "task == 'code'", "stream", "input_tokens > 500", "budget_left_usd < 1.0", "1 / hour > 0"]

quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def target(draw, name):
    zone = draw(st.sampled_from(["local", "closed"]))
    kind = draw(st.sampled_from(["sglang", "openai", "anthropic"]))
    place = {"endpoints": ["http://127.0.0.1:1"]} if zone == "local" else {"api_base": "https://v", "api_key_env": "K"}
    rate = st.integers(0, 20)
    return place | {
        "id": name,
        "zone": zone,
        "kind": kind,
        "model": name,
        "clearance": {
            "max": draw(st.sampled_from(LEVELS)),
            "forbid": draw(st.lists(st.sampled_from(CATEGORIES), unique=True, max_size=2)),
        },
        "context_window": draw(st.sampled_from([500, 4000])),
        "max_output_tokens": draw(st.sampled_from([100, 1000])),
        "capabilities": draw(st.lists(st.sampled_from(CAPABILITIES), unique=True)),
        "region": draw(st.sampled_from(REGIONS)),
        "license": {"id": "L", "commercial_use": draw(st.sampled_from(["allowed", "forbidden", "conditional"]))},
        "price": {"input_per_mtok_usd": draw(rate), "output_per_mtok_usd": draw(rate)},
        "quality": draw(st.dictionaries(st.sampled_from(["default", "code"]), st.sampled_from([0.2, 0.5, 0.9]))),
    }


def when(texts):
    return st.one_of(st.just({}), st.sampled_from(texts).map(lambda text: {"when": text}))


def merged(*parts):
    return st.tuples(*parts).map(lambda dicts: {key: value for part in dicts for key, value in part.items()})


HARD = st.one_of(
    merged(
        st.sampled_from([{"kind": "license", "deny": ["forbidden"]}, {"kind": "license", "deny": ["conditional"]}]),
        when(WHEN_CERTAIN),
    ),
    merged(st.sampled_from(REGIONS).map(lambda region: {"kind": "residency", "regions": [region]}), when(WHEN_CERTAIN)),
    merged(
        st.sampled_from(["allow", "deny"]).map(lambda kind: {"kind": kind}),
        st.sampled_from([{"zones": ["local"]}, {"kinds": ["openai"]}, {"targets": ["*"]}]),
        when(WHEN_CERTAIN),
    ),
    merged(st.just({"kind": "capability"}), when(WHEN)),
    merged(st.sampled_from([0.3, 0.8]).map(lambda low: {"kind": "quality_floor", "min": low}), when(WHEN)),
    merged(
        st.sampled_from([0, 0.001, 0.01]).map(lambda usd: {"kind": "max_cost", "usd": usd}),
        st.sampled_from([{}, {"estimate": "hold"}]),
        when(WHEN),
    ),
    merged(st.just({"kind": "budget"}), when(WHEN)),
)
ORDERING = merged(
    st.sampled_from([{"by": "cost"}, {"by": "quality"}, {"by": "latency"}, {"by": "order"}]).map(
        lambda by: {"kind": "prefer", **by}
    ),
    when(WHEN),
)


def order_of(rule, names):
    return {"order": names[:2]} if rule["by"] == "order" else {}


def numbered(rules):
    return [rule | {"id": f"r{number}"} for number, rule in enumerate(rules)]


@st.composite
def policy(draw, substitution=None):
    names = draw(st.lists(st.sampled_from(IDS), unique=True, min_size=2))
    chosen = substitution or draw(st.sampled_from(["free", "with_rollout", "never"]))
    incumbent = {} if chosen == "free" else {"incumbent": names[0]}
    others = names if chosen == "free" else names[1:-1] if chosen == "with_rollout" else []
    rollouts = [
        {"id": f"o{number}", "model": "m", "to": to, "percent": draw(st.sampled_from([0, 12.5, 50, 100]))}
        | draw(when(WHEN))
        | {"unit": draw(st.sampled_from(["session", "user", "key"]))}
        for number, to in enumerate(draw(st.lists(st.sampled_from(names[1:]), max_size=2)))
    ]
    hard, ordering = draw(st.lists(HARD, max_size=5)), draw(st.lists(ORDERING, max_size=3))
    return {
        "version": 1,
        "targets": [draw(target(name)) for name in names],
        "models": [{"name": "m", "candidates": others, "substitution": chosen} | incumbent],
        "rollouts": rollouts if chosen == "with_rollout" else [],
        "teams": [
            {
                "id": "t",
                "default_class": "public",
                "budget": {"usd": 5, "covers": draw(st.sampled_from(["closed", "all"]))},
            },
            {"id": "u", "default_class": "public"},
        ],
        "sensitivity": {"mode": {"teams": {"u": draw(st.sampled_from(["enforce", "observe"]))}}},
        "rules": numbered(hard + [rule | order_of(rule, names) for rule in ordering]),
    }


FACTS = st.builds(
    Facts,
    team=st.sampled_from(["t", "u", "unknown"]),
    key=st.sampled_from(["k", "l"]),
    model=st.just("m"),
    dialect=st.sampled_from(["openai.chat", "anthropic.messages"]),
    task=st.sampled_from(["other", "code"]),
    session=st.text("abc", max_size=3),
    user=st.text("abc", max_size=2),
    label=st.builds(
        Label,
        st.sampled_from(DataClass),
        st.frozensets(st.sampled_from(Category), max_size=3),
        st.one_of(st.none(), st.frozensets(st.sampled_from(REGIONS))),
    ),
    stream=st.booleans(),
    needs=st.lists(st.sampled_from(CAPABILITIES), unique=True).map(sorted).map(tuple),
    input_tokens=st.integers(0, 1000),
    input_bytes=st.integers(0, 4000),
    max_tokens=st.sampled_from([0, 50, 5000]),
    choices=st.integers(1, 3),
    hour=st.integers(0, 23),
    budget_left_nanos=st.one_of(st.none(), st.integers(0, 10**7)),
    latency_ms=st.dictionaries(st.sampled_from(IDS), st.integers(0, 900)).map(lambda d: tuple(sorted(d.items()))),
)


def compiled(document):
    return compile_documents([("p.yaml", yaml.safe_dump(document, sort_keys=False))], BOOK)


def shuffled(draw, value):
    """Shuffle the keys of every block."""
    if isinstance(value, dict):
        return {key: shuffled(draw, value[key]) for key in draw(st.permutations(list(value)))}
    if isinstance(value, list):
        return [shuffled(draw, item) for item in value]
    return value


@quick
@given(policy(), FACTS)
def test_every_candidate_is_ranked_or_dropped_and_never_both(document, facts):
    snapshot = compiled(document)

    decision = decide(snapshot, facts)

    ranked = [entry.target for entry in decision.ranked]
    dropped = [entry.target for entry in decision.dropped]
    candidates = set(snapshot.models["m"].candidates)
    assert len(set(ranked + dropped)) == len(ranked + dropped)
    assert candidates <= {*ranked, *dropped} <= candidates | {rollout["to"] for rollout in document["rollouts"]}
    assert (decision.reason is None) == (not ranked)


@quick
@given(policy(), FACTS)
def test_what_may_not_leave_is_never_ranked(document, facts):
    snapshot = compiled(document)

    for entry in decide(snapshot, facts).ranked:
        target = snapshot.targets[entry.target]
        if not snapshot.observes(facts.team):
            assert target.clearance.refusal(facts.label, target.region) is None
        assert first_certain_refusal(snapshot, target, facts) is None


@quick
@given(policy(), FACTS)
def test_decisions_rechecks_and_proofs_agree_on_what_hard_rules_refuse(document, facts):
    """Failing conditions and observe mode included: a re-check before an attempt cannot permit what was dropped."""
    snapshot = compiled(document)
    decision = decide(snapshot, facts)

    ranked = {entry.target for entry in decision.ranked}
    for name in {*ranked, *(entry.target for entry in decision.dropped)}:
        target = snapshot.targets[name]
        rules, bid = HardRules(snapshot, facts), bid_for(target, facts)
        first = rules.first_refusal(bid)
        assert (first is None) == (name in ranked)
        if first is not None:
            assert first.dropped(target) in decision.dropped
        certain = first_certain_refusal(snapshot, target, facts)
        assert certain is None or first is not None
        observed = [one.dropped(target) for one in rules.refusals(bid) if one.observed]
        assert all(snapshot.observes(facts.team) and drop.rule == "clearance" for drop in observed)


@quick
@given(policy(), FACTS, HARD)
def test_one_more_hard_rule_never_permits_more(document, facts, rule):
    stricter = document | {"rules": [*document["rules"], rule | {"id": "more"}]}

    before = {entry.target for entry in decide(compiled(document), facts).ranked}
    after = {entry.target for entry in decide(compiled(stricter), facts).ranked}

    assert after <= before


@quick
@given(policy(), FACTS, st.data())
def test_the_order_of_candidates_hard_rules_targets_and_keys_changes_nothing(document, facts, data):
    rules = document["rules"]
    hard = [rule for rule in rules if rule["kind"] != "prefer"]
    ordering = [rule for rule in rules if rule["kind"] == "prefer"]
    model = document["models"][0]
    other = document | {
        "rules": data.draw(st.permutations(hard)) + ordering,
        "targets": data.draw(st.permutations(document["targets"])),
        "models": [model | {"candidates": data.draw(st.permutations(model["candidates"]))}],
    }

    one, two = compiled(document), compiled(shuffled(data.draw, other))

    assert one.canonical == two.canonical
    assert decide(one, facts).canonical() == decide(two, facts).canonical()


@quick
@given(policy(), FACTS)
def test_a_stored_policy_and_stored_facts_decide_byte_for_byte_the_same(document, facts):
    snapshot = compiled(document)

    again = decide(from_canonical(snapshot.canonical), Facts.from_json(facts.as_json()))

    assert again.canonical() == decide(snapshot, facts).canonical()


@quick
@given(policy("with_rollout"), FACTS)
def test_adding_a_target_changes_no_winner_that_only_a_rollout_moves(document, facts):
    more = {"price": {"input_per_mtok_usd": 0, "output_per_mtok_usd": 0}, "quality": {"default": 1.0}, "id": "new"}
    new = {"zone": "local", "kind": "sglang", "model": "new", "endpoints": ["http://127.0.0.1:1"], "region": "eu"}
    limits = {"clearance": "restricted", "context_window": 10**6, "max_output_tokens": 10}
    model = document["models"][0]
    wider = document | {
        "targets": [*document["targets"], new | limits | more],
        "models": [model | {"candidates": [*model["candidates"], "new"]}],
    }

    before, after = decide(compiled(document), facts), decide(compiled(wider), facts)

    pinned = {model["incumbent"], *([before.rollout] if before.rollout else [])}
    if before.ranked and (before.rollout or before.ranked[0].target in pinned):
        assert after.ranked[0].target == before.ranked[0].target


@quick
@given(policy("with_rollout"), FACTS, st.integers(0, 10_000), st.integers(0, 10_000))
def test_growing_a_share_moves_nobody_back(document, facts, one, other):
    small, large = sorted([one, other])
    base = {"id": "o", "model": "m", "to": document["targets"][-1]["id"]}

    moved = [
        decide(compiled(document | {"rollouts": [base | {"percent": points / 100}]}), facts).rollout == "o"
        for points in (small, large)
    ]

    assert moved in ([False, False], [False, True], [True, True])


@quick
@given(policy(), FACTS)
def test_a_more_sensitive_text_never_has_more_targets_unless_a_rule_says_so(document, facts):
    document["rules"] = [rule for rule in document["rules"] if "when" not in rule]
    snapshot = compiled(document)
    worse = facts.label.join(Label(DataClass.RESTRICTED, frozenset(Category)))

    before = {entry.target for entry in decide(snapshot, facts).ranked}
    after = {entry.target for entry in decide(snapshot, replace(facts, label=worse)).ranked}

    assert after - {rollout["to"] for rollout in document["rollouts"]} <= before
