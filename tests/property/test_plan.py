"""The plan of calls that are alike decides as an evaluation of every rule does, byte for byte."""

from hypothesis import given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.hard_rules import HardRules
from tests.property.test_policy import FACTS, HARD, IDS, WHEN, compiled, merged, policy, quick, when

KINDS = ["email", "credit_card"]
WIDER = [*WHEN, "key == 'k' && stream", "user == 'a'", "session.size() > 1", "has_tools || weekday > 3", "max_tokens > 60"]
SIZES = st.fixed_dictionaries(
    {},
    optional={
        "input_tokens": st.integers(0, 5000),
        "input_bytes": st.integers(0, 20_000),
        "max_tokens": st.sampled_from([0, 50, 5000]),
        "choices": st.integers(1, 3),
        "user": st.text("abc", max_size=2),
        "session": st.text("abc", max_size=3),
        "budget_left_nanos": st.none() | st.integers(0, 10**7),
        "latency_ms": st.dictionaries(st.sampled_from(IDS), st.integers(0, 900)).map(lambda d: tuple(sorted(d.items()))),
        "pace": st.sampled_from([(), (("team", 3000),)]),
        "needs": st.sampled_from([(), ("tools",), ("tools", "vision")]),
    },
)
"""What differs between calls that are alike."""
PARTS = st.lists(
    st.builds(
        Part,
        st.sampled_from(KINDS),
        st.builds(Label, st.sampled_from(DataClass), st.frozensets(st.sampled_from(Category), max_size=1)),
        st.none() | st.integers(0, 1),
    ),
    max_size=2,
    unique_by=lambda part: part.kind,
).map(tuple)
SEEN = st.builds(
    replace,
    FACTS,
    parts=PARTS,
    sealed=st.sampled_from([(), ("v",), ("w",)]),
    exceptions=st.sampled_from([(), ("e0",), ("e0", "e1")]),
    floor=st.builds(Label, st.sampled_from(DataClass)),
    has_tools=st.booleans(),
    weekday=st.integers(0, 6),
)


@st.composite
def policies(draw):
    document = draw(policy())
    names = [target["id"] for target in document["targets"]]
    for target in document["targets"]:
        if target["zone"] == "closed":
            target["clearance"]["mask"] = draw(st.lists(st.sampled_from(KINDS), unique=True))
    away = [target["id"] for target in document["targets"] if target["zone"] == "closed"]
    exception = {"owner": "o", "reason": "r", "teams": ["t"], "from": "2026-11-01", "until": "2026-12-01"}
    rules = [rule | draw(when(WIDER)) if rule["kind"] in {"quality_floor", "prefer"} else rule for rule in document["rules"]]
    more = numbered(draw(st.lists(merged(HARD), max_size=3)))
    burning = draw(st.sampled_from([[], [{"kind": "burn_rate", "over": 2.0}]]))
    return document | {
        "exceptions": [
            exception
            | {"id": f"e{number}", "targets": [name], "max": draw(st.sampled_from(["internal", "confidential"]))}
            | {"categories": draw(st.lists(st.sampled_from(["pii", "hr"]), unique=True))}
            for number, name in enumerate(draw(st.lists(st.sampled_from(away or names), max_size=2)) if away else [])
        ],
        "rules": [*more, *rules, *burning],
    }


def numbered(rules):
    return [rule | {"id": f"s{number}"} for number, rule in enumerate(rules)]


@quick
@given(policies(), st.lists(SEEN, min_size=1, max_size=4), st.lists(SIZES, min_size=1, max_size=3))
def test_a_plan_decides_as_an_evaluation_of_every_rule_does(document, seen, sizes):
    snapshot = compiled(document)

    for one in seen:
        for size in [{}, *sizes]:
            facts = replace(one, **size)
            plain = decide(snapshot, facts, rules=HardRules(snapshot, facts))
            assert decide(snapshot, facts) == plain
            assert decide(snapshot, facts).canonical() == plain.canonical()
