"""Invariants: what must hold for every request there could be, proved when the policy is loaded.

Proved over teams, models, labels and tasks, in and out of every rollout's share, and for every target that a request
could end up at: the first choice as well as any failover. What depends on anything else (sizes, the hour, a header) is
taken to hold nothing back, so a proof never rests on what a caller says of itself, but for the task that it names.
Exceptions are taken to be in force. A request counts by what is found in it, so one that is sent masked counts, too,
unless the invariant says `unless: masked`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain, product
from typing import Final

from msgspec.structs import replace

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass, Label, joined
from gateway.domain.target import Target
from gateway.policy.document.checks import Invariant, Place, Scope
from gateway.policy.prove.masked import found_together
from gateway.policy.prove.matrix import Categories, category_sets
from gateway.policy.rules import Bid
from gateway.policy.rules.quality_floor import QualityFloorRule
from gateway.policy.snapshot import OTHER_TASK, Hard, Model, PolicySnapshot

_TRIED: Final = frozenset({"team", "data_class", "categories", *(level.name for level in DataClass)})
"""Variables whose every value is tried; a condition on any other one is taken to hold nothing back."""
_UNHEARD_OF: Final = "(any other)"


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, and a request that shows it."""

    name: str
    counterexample: str
    fix: str


def is_exact(glob: str) -> bool:
    """Return whether a glob stands for itself alone."""
    return not set("*?[") & set(glob)


def broken_invariants(snapshot: PolicySnapshot) -> Iterator[tuple[int, Broken]]:
    """Yield (position, what breaks it) for each invariant of the snapshot that does not hold."""
    for position, invariant in enumerate(snapshot.invariants):
        found = next(_counterexamples(snapshot, invariant), None)
        if found is not None:
            facts, target = found
            yield position, Broken(invariant.name, _describe(facts, target), _fix(invariant))


def _counterexamples(snapshot: PolicySnapshot, invariant: Invariant) -> Iterator[tuple[Facts, Target]]:
    wrong = {target.id for target in snapshot.targets.values() if _violates(target, invariant)}
    requests = chain(_requests(snapshot, invariant.scope), _masked(snapshot, invariant))
    for facts, model in requests:
        for target in _reachable(snapshot, facts, model, wrong, _tried(invariant.scope, model)):
            yield facts, target


def _violates(target: Target, invariant: Invariant) -> bool:
    """Return whether an invariant does not hold if a request can end up at a target."""
    never = invariant.never is not None and _inside(target, invariant.never)
    return never or (invariant.always is not None and not _inside(target, invariant.always))


def _requests(snapshot: PolicySnapshot, scope: Scope) -> Iterator[tuple[Facts, Model]]:
    """Yield the requests that an invariant is about, as they are."""
    labels = [Label(level, categories) for level, categories in product(DataClass, category_sets(snapshot))]
    found = [sure for kind, (sure, _) in snapshot.sensitivity.labels().items() if _fits(kind, scope.finding)]
    for label in labels:
        if _about(label, scope) and (scope.finding is None or any(label.covers(least) for least in found)):
            yield from _callers(snapshot, scope, label)


def _masked(snapshot: PolicySnapshot, invariant: Invariant) -> Iterator[tuple[Facts, Model]]:
    """Yield the requests that an invariant is about, as they may be sent masked."""
    scope, unless, surest = invariant.scope, invariant.unless, snapshot.sensitivity.labels()
    for parts in found_together(snapshot, lambda kind: _fits(kind, scope.finding)):
        label = joined(parts)
        sure = [part for part in parts if part.label == surest[part.kind][0]]
        if not _about(label, scope) or not (
            scope.finding is None or any(_fits(one.kind, scope.finding) for one in sure)
        ):
            continue
        for facts, model in _callers(snapshot, scope, label):
            if unless is None or not _fits(facts.team, unless.masked.team):
                yield replace(facts, parts=parts), model


def _about(label: Label, scope: Scope) -> bool:
    return _fits(label.data_class.word, scope.data_class) and _holds_one(label.categories, scope.category)


def _callers(snapshot: PolicySnapshot, scope: Scope, label: Label) -> Iterator[tuple[Facts, Model]]:
    """Yield the facts of each team, model and task with a label."""
    teams = [team for team in _teams(snapshot, scope) if _fits(team, scope.team)]
    models = [model for model in (*snapshot.models.values(), *snapshot.patterns) if _fits(model.name, scope.model)]
    tasks = [task for task in _tasks(snapshot, scope) if _fits(task, scope.task)]
    for team, model, task in product(teams, models, tasks):
        held = snapshot.teams[team].exceptions if team in snapshot.teams else ()
        exceptions = tuple([one.id for one in held if one.targets])
        yield Facts(team, "", model.name, "", task=task, label=label, exceptions=exceptions), model


def _teams(snapshot: PolicySnapshot, scope: Scope) -> list[str]:
    """Return all teams, and those that the invariant names although they are not there yet."""
    return sorted({*snapshot.teams, *(team for team in scope.team or () if is_exact(team))})


def _tasks(snapshot: PolicySnapshot, scope: Scope) -> list[str]:
    """Return the tasks that anything in the policy or the invariant names, and one that nothing does."""
    named = {task.id for task in snapshot.tasks} | {OTHER_TASK, _UNHEARD_OF} | set(scope.task or ())
    for target in snapshot.targets.values():
        named |= set(target.quality) - {"default"}
    return [OTHER_TASK, *sorted(named - {OTHER_TASK})]


def _tried(scope: Scope, model: Model) -> frozenset[str]:
    """Return the variables whose every value is tried: task and model too, if they are compared with exact names."""
    exact = {"task"} if scope.task and all(is_exact(task) for task in scope.task) else set()
    return _TRIED | exact | (set() if model.is_pattern else {"model"})


def _reachable(
    snapshot: PolicySnapshot, facts: Facts, model: Model, wanted: set[str], tried: frozenset[str]
) -> Iterator[Target]:
    """Yield those of the wanted targets at which a request could end up."""
    moved = (rollout.to for rollout in snapshot.rollouts.get(model.name, ()))
    verdicts: dict[str, bool | None] = {}
    rules = [hard for hard in snapshot.hard if hard.when is None or hard.when.uses <= tried]
    for name in sorted(wanted & {*model.candidates, *moved}):
        target = snapshot.targets[name]
        if not any(_keeps(snapshot, hard, target, facts, verdicts) for hard in rules):
            yield target


def _keeps(
    snapshot: PolicySnapshot, hard: Hard, target: Target, facts: Facts, verdicts: dict[str, bool | None]
) -> bool:
    """Return whether a rule certainly drops a target."""
    rule = hard.rule
    if not rule.certain and not isinstance(rule, QualityFloorRule):
        return False
    if rule.kind == "clearance" and snapshot.observes(facts.team):
        return False
    if hard.when is not None:
        if hard.when.text not in verdicts:
            verdicts[hard.when.text] = hard.when.holds(facts)
        if verdicts[hard.when.text] is not True:
            return verdicts[hard.when.text] is None
    bid = Bid(target, 0, 0, target.quality_for(facts.task))  # no such rule looks at the cost
    return rule.refusal(bid, facts, snapshot.teams.get(facts.team)) is not None


def _inside(target: Target, place: Place) -> bool:
    return (
        _fits(target.id, place.target)
        and _fits(target.zone, place.zone)
        and _fits(target.kind, place.kind)
        and _fits(target.region, place.region)
    )


def _fits(word: str, globs: Sequence[str] | None) -> bool:
    return globs is None or any(fnmatchcase(word, glob) for glob in globs)


def _holds_one(categories: Categories, globs: Sequence[str] | None) -> bool:
    return globs is None or any(_fits(str(category), globs) for category in categories)


def _describe(facts: Facts, target: Target) -> str:
    categories = ", ".join(sorted(str(category) for category in facts.label.categories))
    label = f"{facts.label.data_class.word} data" + (f" ({categories})" if categories else "")
    task = "" if facts.task == OTHER_TASK else f", task {facts.task}"
    way = f" with {' and '.join(part.kind for part in facts.parts)} masked" if facts.parts else ""
    return f"team {facts.team}, model {facts.model}{task}, {label} may be sent to {target.id}{way}"


def _fix(invariant: Invariant) -> str:
    if invariant.always is not None:
        return "add a rule of kind `allow`"
    return "lower the target's clearance or add a rule; if only masked requests break it: add `unless: masked`"
