"""The evaluator of hard rules: plans of decisions, re-checks before an attempt, proofs and lists of models all ask it.

Conditions, observe mode and conditions that fail mean the same to all of them, so that they cannot disagree about what
may be sent. A decision asks :mod:`gateway.policy.decide.plan`, which must say what is said here: a property compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.domain.decision import Dropped
from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.target import Target
from gateway.estimation.cost import estimates
from gateway.policy.conditions import Condition
from gateway.policy.rules import Bid
from gateway.policy.snapshot import Hard, Ordering, PolicySnapshot

Verdict = bool | None
"""What a condition says; None if it could not be evaluated."""
Verdicts = dict[str, Verdict]
"""Text of a condition → what it said."""
UNKNOWN = "the rule's condition could not be evaluated"


class Refused(NamedTuple):
    """A rule that refuses a candidate."""

    hard: Hard
    detail: str
    observed: bool
    """The team's labels are only observed: the refusal is recorded and does not count."""

    def dropped(self, target: Target) -> Dropped:
        """Return it as decisions record it."""
        rule = self.hard.rule
        return Dropped(target.id, rule.name, rule.reason, self.detail, rule.why)


def bid_for(target: Target, facts: Facts) -> Bid:
    """Return what a target would cost and how good it would be."""
    expected, hold, output = estimates(target, facts)
    return Bid(target, expected, hold, target.quality_for(facts.task), output)


class HardRules:
    """The hard rules of a policy on one request. Each condition is evaluated once."""

    __slots__ = ("_facts", "_observed", "_snapshot", "_team", "_verdicts")

    def __init__(self, snapshot: PolicySnapshot, facts: Facts, verdicts: Verdicts | None = None) -> None:
        """Take policy and facts; ``verdicts`` are shared with other evaluations of conditions on the same facts."""
        self._snapshot = snapshot
        self._facts = facts
        self._team = snapshot.teams.get(facts.team)
        self._observed = snapshot.observes(facts.team)
        self._verdicts: Verdicts = {} if verdicts is None else verdicts

    def verdict(self, condition: Condition) -> Verdict:
        """Return what a condition says of the facts; None if it cannot be evaluated."""
        text = condition.text
        if text not in self._verdicts:
            self._verdicts[text] = condition.holds(self._facts)
        return self._verdicts[text]

    def refusals(self, bid: Bid, *, certain_only: bool = False) -> Iterator[Refused]:
        """Yield every rule that refuses a candidate, in order of evaluation.

        ``certain_only``: only rules on what a caller cannot fake. A condition that fails refuses: what is not known is
        not allowed.
        """
        for hard in self._snapshot.hard:
            if certain_only and not hard.rule.certain:
                continue
            detail = self._detail(hard, bid)
            if detail is not None:
                yield Refused(hard, detail, self.observes(hard))

    def bids(self, names: Iterable[str]) -> list[Bid]:
        """Return what candidates would cost and how good they would be."""
        return [bid_for(self._snapshot.targets[name], self._facts) for name in names]

    def dropping(self, bid: Bid) -> list[Refused]:
        """Return the rules that refuse a candidate, up to the first that counts."""
        found = []
        for refused in self.refusals(bid):
            found.append(refused)
            if not refused.observed:
                break
        return found

    def orderings(self) -> tuple[Sequence[Ordering], list[str]]:
        """Return the ordering rules that hold, and the names of those that are skipped as their condition fails."""
        said = [(one, True if one.when is None else self.verdict(one.when)) for one in self._snapshot.ordering]
        return [one for one, verdict in said if verdict], [one.rule.name for one, verdict in said if verdict is None]

    def observes(self, hard: Hard) -> bool:
        """Return whether what a rule refuses is only recorded."""
        return self._observed and hard.rule.kind == "clearance"

    def first_refusal(self, bid: Bid, *, certain_only: bool = False) -> Refused | None:
        """Return the first rule that refuses a candidate and counts; None if it is permitted."""
        return next((one for one in self.refusals(bid, certain_only=certain_only) if not one.observed), None)

    def _detail(self, hard: Hard, bid: Bid) -> str | None:
        if hard.when is not None:
            verdict = self.verdict(hard.when)
            if verdict is None:
                return UNKNOWN
            if not verdict:
                return None
        return hard.rule.refusal(bid, self._facts, self._team)


def first_certain_refusal(
    snapshot: PolicySnapshot, target: Target, facts: Facts, verdicts: Verdicts | None = None
) -> Hard | None:
    """Return the first `certain` rule that forbids the target for these facts; None if there is none."""
    refused = HardRules(snapshot, facts, verdicts).first_refusal(Bid(target, 0, 0, None), certain_only=True)
    return None if refused is None else refused.hard


def visible_models(snapshot: PolicySnapshot, team: str) -> list[str]:
    """Return the exact names for which a team has a target that may take its least sensitive texts."""
    known = snapshot.teams.get(team)
    if known is None:
        return []
    label = Label(known.default_class)
    return [
        name
        for name, model in sorted(snapshot.models.items())
        if any(
            first_certain_refusal(snapshot, snapshot.targets[target], Facts(team, "", name, "", label=label)) is None
            for target in model.candidates
        )
    ]
