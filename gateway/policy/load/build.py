"""Resolved policy data in, snapshot out. Compiling and replaying both end here, so that both decide alike."""

from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from gateway.domain.exceptions import PolicyException
from gateway.domain.facts import digest
from gateway.domain.label import CONTRACT_FOR, Category, Clearance, DataClass, Label
from gateway.domain.price import Price, Tariff
from gateway.domain.target import License, Params, Target, Timeouts
from gateway.domain.team import Team
from gateway.policy.budgets import budgets_of, rate_limits_of
from gateway.policy.conditions import Condition, compile_condition
from gateway.policy.prove.labelling import sensitivity_spec
from gateway.policy.rules import HARD_ORDER, AnyRule, HardRule, OrderingRule, Rule
from gateway.policy.rules.clearance import ClearanceRule
from gateway.policy.rules.dialect import DialectRule
from gateway.policy.rules.prefer import PreferRule
from gateway.policy.snapshot import Floor, Hard, Model, Ordering, Rollout, Snapshot, Task
from gateway.pricing.commitment import Commitment

_RULES: Final[TypeAdapter[tuple[Rule, ...]]] = TypeAdapter(tuple[AnyRule, ...])


def build(canonical: bytes) -> Snapshot:
    """Build a snapshot from its canonical bytes."""
    data = orjson.loads(canonical)
    rules = _RULES.validate_python(data["rules"])
    hard = _hard([rule for rule in rules if isinstance(rule, HardRule)])
    ordering = tuple(Ordering(rule, condition_of(rule)) for rule in rules if isinstance(rule, OrderingRule))
    models = [_model(item) for item in data["models"]]
    exceptions = tuple([_exception(item) for item in data.get("exceptions", ())])
    organization = data.get("organization", {})
    return Snapshot(
        hash=digest(canonical),
        canonical=canonical,
        targets={name: _target(name, item) for name, item in data["targets"].items()},
        teams={name: _team(name, item, exceptions, organization) for name, item in data["teams"].items()},
        tasks=tuple(Task(item["id"], tuple((k, tuple(v)) for k, v in item["match"])) for item in data["tasks"]),
        sensitivity=sensitivity_spec(data["sensitivity"]),
        local_networks=tuple(data["local_networks"]),
        models={model.name: model for model in models if not model.is_pattern},
        patterns=tuple(model for model in models if model.is_pattern),
        rollouts=_rollouts(data["rollouts"]),
        hard=hard,
        ordering=ordering,
        orders_by_latency=any(isinstance(item.rule, PreferRule) and item.rule.by == "latency" for item in ordering),
        floors=tuple([_floor(item) for item in data.get("floors", ())]),
        exceptions=exceptions,
        commitments=tuple(
            [Commitment(**{**item, "covers": tuple(item["covers"])}) for item in data.get("commitments", ())]
        ),
    )


def condition_of(rule: Rule) -> Condition | None:
    """Compile a rule's condition, over the variables that its kind may look at.

    Raises:
        ConditionError: it is not valid.
    """
    if rule.when is None:
        return None
    return compile_condition(rule.when, certain=isinstance(rule, HardRule) and rule.certain)


def _hard(rules: list[HardRule]) -> tuple[Hard, ...]:
    if not any(isinstance(rule, ClearanceRule) for rule in rules):
        rules = [*rules, ClearanceRule(kind="clearance")]
    rules = [*rules, DialectRule()]
    rules.sort(key=lambda rule: (HARD_ORDER.index(type(rule)), rule.name))
    return tuple(Hard(rule, condition_of(rule)) for rule in rules)


def _model(item: dict[str, Any]) -> Model:
    return Model(item["name"], item["is_pattern"], item["incumbent"], tuple(item["candidates"]), item["substitution"])


def _rollouts(items: list[dict[str, Any]]) -> dict[str, tuple[Rollout, ...]]:
    by_model: dict[str, tuple[Rollout, ...]] = {}
    for item in items:
        when = None if item["when"] is None else compile_condition(item["when"], certain=False)
        rollout = Rollout(item["id"], item["model"], when, item["to"], item["basis_points"], item["unit"])
        by_model[rollout.model] = (*by_model.get(rollout.model, ()), rollout)
    return by_model


def _target(name: str, item: dict[str, Any]) -> Target:
    held, params = item["license"], item["params"]
    return Target(
        id=name,
        zone=item["zone"],
        kind=item["kind"],
        model=item["model"],
        endpoints=tuple(item["endpoints"]),
        clearance=_clearance(item["zone"], item["clearance"]),
        price=Price(**item["price"]),
        quality=item["quality"],
        context_window=item["context_window"],
        max_output_tokens=item["max_output_tokens"],
        capabilities=frozenset(item["capabilities"]),
        license=None if held is None else License(**held),
        region=item["region"],
        params=Params(params["set"], params["default"], tuple(params["drop"]), params["clamp"]),
        api_key_env=item["api_key_env"],
        local_api_key_env=item["local_api_key_env"],
        timeouts=Timeouts(**item["timeouts"]),
        space=item["space"],
        dialects=tuple(item.get("dialects", ())),
        tariff=Tariff.from_json(item["tariff"]) if "tariff" in item else Tariff(),
    )


def _clearance(zone: str, item: dict[str, Any]) -> Clearance:
    signed = frozenset(item["contracts"])
    needed = CONTRACT_FOR.items() if zone == "closed" else ()
    return Clearance(
        DataClass.parse(item["max"]),
        frozenset(Category(word) for word in item["forbid"]),
        signed,
        frozenset((category, contract) for category, contract in needed if contract not in signed),
        frozenset(item.get("mask", ())),
    )


def _floor(item: dict[str, Any]) -> Floor:
    regions = item["regions"]
    label = Label(
        DataClass.parse(item["class"]),
        frozenset(Category(word) for word in item["categories"]),
        None if regions is None else frozenset(regions),
    )
    return Floor(tuple((name, tuple(globs)) for name, globs in item["match"]), label)


def _exception(item: dict[str, Any]) -> PolicyException:
    return PolicyException(
        id=item["id"],
        owner=item["owner"],
        reason=item["reason"],
        teams=frozenset(item["teams"]),
        start=item["start"],
        end=item["end"],
        detectors=frozenset(item["detectors"]),
        values=frozenset(item["values"]),
        targets=frozenset(item["targets"]),
        max=DataClass.parse(item["max"]),
        categories=frozenset(Category(word) for word in item["categories"]),
    )


def _team(
    name: str, item: dict[str, Any], exceptions: tuple[PolicyException, ...], organization: dict[str, Any]
) -> Team:
    return Team(
        name,
        DataClass.parse(item["default_class"]),
        item["reference"],
        item["owner"],
        item["cost_center"],
        budgets_of(item, organization),
        tuple([one for one in exceptions if name in one.teams]),
        rate_limits_of(item, organization),
    )
