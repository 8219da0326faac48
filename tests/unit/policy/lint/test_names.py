"""A name that nothing defines is a warning at its line, with the name that was meant."""

import pytest

DENY = {"kind": "deny", "zones": ["closed"]}
FLOOR = {"kind": "quality_floor", "min": 0.1}
ORDER = {"kind": "prefer", "by": "cost"}


def rule(when, base=ORDER):
    return [{**base, "when": when}]


@pytest.mark.parametrize(
    ("when", "problem", "fix"),
    [
        ("team == 'suport'", "no team `suport`", "did you mean `support`?"),
        ("team in ['ops', 'opps']", "no team `opps`", "did you mean `ops`?"),
        ("!team.startsWith('sales')", "no team matches `sales*`", "teams: support, ops"),
        ("task == 'cdoe'", "no task `cdoe`", "did you mean `code`?"),
        ("task == 'summaries'", "no task `summaries`", "x-gateway-task"),
        ("model == 'gtp-5'", "no model `gtp-5`", "did you mean `gpt-*`?"),
        ("model.startsWith('claude')", "no model matches `claude*`", "models: auto, gpt-*"),
        ("dialect == 'openai'", "no dialect `openai`", "openai.chat"),
        ("'pi' in categories", "no category `pi`", "`pii`"),
    ],
)
def test_a_condition_that_names_nothing_is_warned_of_with_a_way_out(warned, when, problem, fix):
    (found,) = warned(rules=rule(when))

    assert (found.file, found.key) == ("p.yaml", "rules[0].when")
    assert found.line > 1
    assert problem in found.problem
    assert fix in found.fix


@pytest.mark.parametrize(
    "when",
    [
        "team == 'support' && task == 'code' && model == 'auto'",
        "model == 'gpt-5' || model.startsWith('gpt-5') || model.startsWith('g') || model.endsWith('mini')",
        "task == 'other' || task.startsWith('co')",
        "dialect in ['openai.chat', 'anthropic.messages'] && 'pii' in categories",
        "key == 'abc' || user == 'x' || session == 'y'",
    ],
)
def test_what_is_defined_or_cannot_be_known_is_left_alone(warned, when):
    assert warned(rules=rule(when)) == []


def test_a_task_is_defined_by_a_case_or_a_measured_quality_too_as_callers_may_name_any(warned, book):
    case = {"name": "c", "given": {"model": "auto", "task": "mail"}, "expect": {"target": "home"}}

    assert warned(rules=rule("task == 'mail'"), cases=[case]) == []
    assert len(warned(rules=rule("task == 'mail'"))) == 1


def test_conditions_of_rollouts_are_looked_at(warned):
    rollout = {"id": "r", "model": "gpt-*", "when": "team == 'x'", "to": "home", "percent": 10}
    (found,) = warned(rollouts=[rollout])

    assert (found.key, found.problem.split(":")[0]) == ("rollouts[0].when", "no team `x`")


@pytest.mark.parametrize(
    ("changes", "key", "problem"),
    [
        ({"rules": [{"kind": "residency", "regions": ["eu", "ue"]}]}, "rules[0].regions", "in region `ue`"),
        ({"floors": [{"match": {"team": "support"}, "regions": ["cn"]}]}, "floors[0].regions", "region `cn`"),
        ({"floors": [{"match": {"team": "sup", "model": "gpt*"}}]}, "floors[0].match.team", "`sup`"),
        ({"tasks": [{"id": "x", "match": {"model": "gtp*"}}]}, "tasks[0].match.model", "no model matches `gtp*`"),
        ({"invariants": [{"name": "i", "for": {"team": "legal"}, "never": {"kind": "litellm"}}]},
         "invariants[0].for.team", "no team `legal`"),
        ({"invariants": [{"name": "i", "for": {"task": "cod"}, "never": {"kind": "litellm"}}]},
         "invariants[0].for.task", "no task `cod`"),
        ({"invariants": [{"name": "i", "for": {"model": "o3"}, "never": {"kind": "litellm"}}]},
         "invariants[0].for.model", "no model `o3`"),
        ({"invariants": [{"name": "i", "never": {"region": "eus"}}]}, "invariants[0].never.region", "region `eus`"),
    ],
)  # fmt: skip
def test_lists_are_looked_at_too(warned, changes, key, problem):
    (found,) = warned(**changes)

    assert found.key == key
    assert problem in found.problem


def test_a_region_that_no_target_may_ever_be_in_is_a_guard_and_no_mistake(warned):
    assert warned(invariants=[{"name": "i", "never": {"region": "mars-1"}}]) == []


def test_a_star_is_everybody_also_where_nobody_is_named_yet(warned):
    assert warned(teams=[], keys=set(), floors=[{"match": {"team": "*", "key": "*"}, "class": "internal"}]) == []


def test_keys_are_looked_at_where_they_are_at_hand(warned):
    changes = {
        "rules": rule("key == 'k1x' || key == 'gone'"),
        "teams": [
            {
                "id": "support",
                "default_class": "public",
                "keys": [{"id": "k2", "rate_limit": {"requests_per_minute": 1}}],
            },
        ],
    }

    assert warned(**changes) == []
    assert [one.key for one in warned(keys={"k1x", "gone", "k2"}, **changes)] == []
    found = warned(keys={"k1x"}, **changes)
    assert [(one.key, one.problem.split(":")[0]) for one in found] == [
        ("teams[0].keys[0].id", "no key `k2`"),
        ("rules[0].when", "no key `gone`"),
    ]
