"""What is valid but worth a look: numbers without a measurement, budgets without a rule, keys of later versions."""

from collections.abc import Iterator
from datetime import UTC, datetime

from gateway.domain.label import DataClass
from gateway.policy.document import PolicyDocument
from gateway.policy.rules.budget import BudgetRule
from gateway.policy.snapshot import Notice, PolicySnapshot


def notices_of(document: PolicyDocument, snapshot: PolicySnapshot) -> Iterator[Notice]:
    """Yield what the author of a valid policy should know."""
    yield from _without_evidence(document)
    yield from _budgets(document)
    yield from _targets(document, snapshot)
    yield from _observed(snapshot)
    yield from _exceptions(snapshot)


def _without_evidence(document: PolicyDocument) -> Iterator[Notice]:
    for target in document.targets:
        where = f"target {target.id}"
        if target.quality and target.evidence is None:
            numbers = ", ".join(f"{task} {value:g}" for task, value in sorted(target.quality.items()))
            yield Notice("no evidence", where, f"quality: {numbers}")
        if target.price.form == "gpu" and target.price.evidence is None:
            yield Notice("no evidence", where, f"tokens_per_second: {target.price.tokens_per_second:g}")


def _budgets(document: PolicyDocument) -> Iterator[Notice]:
    if any(isinstance(rule, BudgetRule) for rule in document.rules):
        return
    fix = "add `{kind: budget}` to `rules`"
    for position, team in enumerate(document.teams):
        path = ("teams", position, "budget")
        if team.budget and all(one.on_exhausted == "local_only" for one in team.budget):
            text = "has a budget with `on_exhausted: local_only`, but no rule of kind `budget` drops what it cannot pay"
            yield Notice("warning", f"team {team.id}", text, fix, path)
        elif team.budget:
            text = (
                "has a budget, but no rule of kind `budget`: calls are refused where a cheaper target could take them"
            )
            yield Notice("warning", f"team {team.id}", text, fix, path)


def _targets(document: PolicyDocument, snapshot: PolicySnapshot) -> Iterator[Notice]:
    used = {name for model in (*snapshot.models.values(), *snapshot.patterns) for name in model.candidates}
    used |= {rollout.to for rollout in document.rollouts}
    for position, block in enumerate(document.targets):
        where, target = f"target {block.id}", snapshot.targets[block.id]
        if block.id not in used:
            fix = "name it in the `candidates` of a model, or remove it"
            yield Notice("warning", where, "no model and no rollout names it", fix, ("targets", position))
        if (
            target.zone == "closed"
            and target.clearance.max >= DataClass.CONFIDENTIAL
            and not target.clearance.contracts
        ):
            text = f"a vendor cleared for {target.clearance.max.word} data without a contract"
            fix = "list its `contracts`, or lower `max`"
            yield Notice("warning", where, text, fix, ("targets", position, "clearance"))


def _observed(snapshot: PolicySnapshot) -> Iterator[Notice]:
    for team in sorted(snapshot.teams):
        if snapshot.observes(team):
            yield Notice("warning", f"team {team}", "sensitivity is only observed: no target is dropped")


def _exceptions(snapshot: PolicySnapshot) -> Iterator[Notice]:
    """Yield each exception with its owner and its end: a reader of the policy should know that it is there."""
    for one in snapshot.exceptions:
        end = datetime.fromtimestamp(one.end, UTC).isoformat()
        what = (
            f"findings of {', '.join(sorted(one.detectors))}"
            if one.detectors
            else f"targets {', '.join(sorted(one.targets))}"
        )
        text = f"{what}, for team {', '.join(sorted(one.teams))}, until {end} ({one.owner}: {one.reason})"
        yield Notice("exception", f"exception {one.id}", text)
