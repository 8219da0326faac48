import pytest

from gateway.domain.label import Category, DataClass
from gateway.policy.conditions import CERTAIN, VARIABLES, ConditionError, _problem, compile_condition

VALUES = {
    "team": "t",
    "key": "k",
    "task": "other",
    "model": "auto",
    "dialect": "openai.chat",
    "user": "",
    "session": "",
    "data_class": 2,
    "categories": ["pci", "pii"],
    "stream": False,
    "has_tools": False,
    "has_images": False,
    "input_tokens": 100,
    "max_tokens": 0,
    "hour": 0,
    "weekday": 0,
    "PUBLIC": 0,
    "INTERNAL": 1,
    "CONFIDENTIAL": 2,
    "RESTRICTED": 3,
}


def literal(value):
    return str(value).lower() if isinstance(value, bool) else repr(value)


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_variable_has_the_value_of_the_facts(facts, name):
    condition = compile_condition(f"{name} == {literal(VALUES[name])}", certain=False)

    assert condition.holds(facts(DataClass.CONFIDENTIAL, (Category.PII, Category.PCI))) is True
    assert condition.uses == {name}


def test_the_budget_that_is_left_is_endless_without_a_budget(facts):
    condition = compile_condition("budget_left_usd > 1e300", certain=False)

    assert condition.holds(facts()) is True
    assert condition.holds(facts(budget_left_nanos=5)) is False


def test_all_variables_are_tested():
    assert set(VALUES) | {"budget_left_usd"} == VARIABLES
    assert CERTAIN < VARIABLES


def test_an_evaluation_that_fails_is_neither_true_nor_false(facts):
    assert compile_condition("1 / hour > 0", certain=False).holds(facts()) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("team == 'a' &&\n  tem == 'b'", "2:3: undeclared reference to 'tem'"),
        ("task == 'code'", "1:1: 'task' can be faked by a caller"),
        ("team == 3", "1:6: found no matching overload"),
        ("team", "1:1: is not a yes-or-no expression"),
        ("team ==", "1:8: Syntax error"),
    ],
)
def test_a_condition_that_is_wrong_is_reported_with_line_and_column(text, problem):
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, certain=True)

    assert caught.value.problem.startswith(problem)


def test_an_error_without_a_place_stands_at_the_beginning():
    assert _problem("too long\nmore", certain=False) == "1:1: too long"
