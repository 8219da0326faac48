"""The plan of calls that are alike decides as an evaluation of every rule does, byte for byte."""

from hypothesis import given
from hypothesis import strategies as st
from support.replacing import replace

from gateway.domain.label import Category, DataClass, Label, Part
from gateway.policy.decide.evaluate import decide
from gateway.policy.decide.hard_rules import HardRules
from tests.property.test_policy import FACTS, HARD, WHEN, compiled, merged, policy, quick, when

KINDS = ["email", "credit_card"]
WIDER = [
    *WHEN,
    "key == 'k' && stream",
    "user == 'a'",
    "session.size() > 1",
    "has_tools || weekday > 3",
    "max_tokens > 60",
]
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
    pace=st.sampled_from([(), (("team", 3000),)]),
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
    rules = [
        rule | draw(when(WIDER)) if rule["kind"] in {"quality_floor", "prefer"} else rule for rule in document["rules"]
    ]
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
@given(policies(), SEEN, SEEN)
def test_a_plan_decides_as_an_evaluation_of_every_rule_does(document, one, other):
    """Calls that differ in one field each share the plans of the first, where they may."""
    snapshot = compiled(document)

    for name in one.__struct_fields__:
        for facts in (one, replace(one, **{name: getattr(other, name)}), other):
            plain = decide(snapshot, facts, rules=HardRules(snapshot, facts))
            assert decide(snapshot, facts) == plain
            assert decide(snapshot, facts).canonical() == plain.canonical()
