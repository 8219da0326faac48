"""Rules: hard ones in the order in which they are reported, then those that order, as written."""

from collections.abc import Iterable
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter

from gateway.policy.conditions import Condition, compile_condition
from gateway.policy.rules import HARD_ORDER, AnyRule, HardRule, OrderingRule, Rule
from gateway.policy.rules.clearance import ClearanceRule
from gateway.policy.rules.dialect import DialectRule
from gateway.policy.rules.input import InputRule
from gateway.policy.snapshot import Hard, Ordering

_RULES: Final[TypeAdapter[tuple[Rule, ...]]] = TypeAdapter(tuple[AnyRule, ...], config=ConfigDict(defer_build=True))


def to_canonical(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return plain data."""
    known = list(rules)
    hard = _sorted([rule for rule in known if isinstance(rule, HardRule)])
    ordering = [rule for rule in known if isinstance(rule, OrderingRule)]
    return [{**rule.model_dump(mode="json"), "id": rule.name} for rule in (*hard, *ordering)]


def from_canonical(items: list[dict[str, Any]]) -> tuple[Rule, ...]:
    """Rebuild rules from :func:`to_canonical`."""
    return _RULES.validate_python(items)


def hard(rules: Iterable[Rule]) -> tuple[Hard, ...]:
    """Return the hard rules ready to run; clearance and dialect hold in every policy."""
    found = [rule for rule in rules if isinstance(rule, HardRule)]
    if not any(isinstance(rule, ClearanceRule) for rule in found):
        found.append(ClearanceRule(kind="clearance"))
    return tuple([Hard(rule, condition_of(rule)) for rule in _sorted([*found, DialectRule(), InputRule()])])


def ordering(rules: Iterable[Rule]) -> tuple[Ordering, ...]:
    """Return the ordering rules ready to run."""
    return tuple([Ordering(rule, condition_of(rule)) for rule in rules if isinstance(rule, OrderingRule)])


def condition_of(rule: Rule) -> Condition | None:
    """Compile a rule's condition, over the variables that its kind may look at.

    Raises:
        ConditionError: it is not valid.
    """
    if rule.when is None:
        return None
    return compile_condition(rule.when, certain=isinstance(rule, HardRule) and rule.certain)


def _sorted(rules: list[HardRule]) -> list[HardRule]:
    return sorted(rules, key=lambda rule: (HARD_ORDER.index(type(rule)), rule.name))
