"""One validated policy, ready to decide: immutable, and named by the hash of all that can change a decision."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal

from gateway.domain.exceptions import PolicyException
from gateway.domain.facts import Facts
from gateway.domain.label import Label
from gateway.domain.sensitivity import SensitivitySpec
from gateway.domain.target import Target
from gateway.domain.team import Team
from gateway.policy.block import RolloutUnit, Substitution
from gateway.policy.conditions import FIELDS, SHARED, Condition
from gateway.policy.globs import NOTHING, Match, Patterns, all_match, any_of, patterns_of
from gateway.policy.rules import HardRule, OrderingRule
from gateway.policy.rules.burn_rate import BurnRateRule
from gateway.pricing.commitment import Commitment

if TYPE_CHECKING:
    from gateway.policy.document.checks import Case, Invariant

OTHER_TASK: Final = "other"
_ALIKE: Final = ("team", "model", "dialect", "task", "label", "floor", "sealed", "exceptions")
"""Fields of the facts that rules look at whose answer calls share (``HardRule.shared``)."""


@dataclass(frozen=True, slots=True)
class Model:
    """A public name, or a pattern of names, with what may serve it."""

    name: str
    """The exact name, or the glob."""
    is_pattern: bool
    incumbent: str | None
    candidates: tuple[str, ...]
    """Target ids, sorted, the incumbent among them."""
    substitution: Substitution
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the glob."""
        object.__setattr__(self, "_pattern", any_of((self.name,)) if self.is_pattern else NOTHING)

    def matches(self, name: str) -> bool:
        """Return whether a pattern matches a name."""
        return self._pattern.match(name) is not None


@dataclass(frozen=True, slots=True)
class Rollout:
    """A share of a model's traffic that goes to another target."""

    id: str
    model: str
    """Name or glob of the model."""
    when: Condition | None
    to: str
    basis_points: int
    """Hundredths of a percent."""
    unit: RolloutUnit


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work and the globs by which a request is known to be of it: one of each list must match."""

    id: str
    match: Match
    _patterns: Patterns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the globs."""
        object.__setattr__(self, "_patterns", patterns_of(self.match))

    def matches(self, seen: Mapping[str, str]) -> bool:
        """Return whether what was seen belongs to this task."""
        return all_match(self._patterns, seen)


@dataclass(frozen=True, slots=True)
class Floor:
    """The least label of what some callers send: one glob of each list must match."""

    match: Match
    label: Label
    _patterns: Patterns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the globs."""
        object.__setattr__(self, "_patterns", patterns_of(self.match))

    def holds(self, seen: Mapping[str, str]) -> bool:
        """Return whether this floor applies to a call."""
        return all_match(self._patterns, seen)


@dataclass(frozen=True, slots=True)
class Hard:
    """A hard rule ready to run."""

    rule: HardRule
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Ordering:
    """An ordering rule ready to run."""

    rule: OrderingRule
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a valid policy that its author should know of."""

    kind: Literal["warning", "no evidence", "exception"]
    where: str
    text: str
    fix: str = ""
    """What to do; empty where nothing is wrong."""
    path: tuple[str | int, ...] = ()
    """Its place in the document; empty without a fix."""


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """An active policy."""

    hash: str
    canonical: bytes = field(repr=False)
    """JSON of everything that can change a decision; ``gateway.policy.replay.replay`` makes the same snapshot of it."""
    targets: dict[str, Target]
    teams: dict[str, Team]
    tasks: tuple[Task, ...]
    sensitivity: SensitivitySpec
    local_networks: tuple[str, ...]
    models: dict[str, Model]
    """Models of an exact name."""
    patterns: tuple[Model, ...]
    """Models of a glob, the most specific first."""
    rollouts: dict[str, tuple[Rollout, ...]]
    """By name or glob of the model; the first whose condition holds counts."""
    hard: tuple[Hard, ...]
    """In order of evaluation, clearance first; the first rule that drops is reported."""
    ordering: tuple[Ordering, ...]
    orders_by_latency: bool
    floors: tuple[Floor, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    cases: tuple["Case", ...] = field(default=(), compare=False, repr=False)
    invariants: tuple["Invariant", ...] = field(default=(), compare=False, repr=False)
    notices: tuple["Notice", ...] = field(default=(), compare=False, repr=False)
    masks: bool = field(init=False, compare=False, repr=False)
    """Whether any target may see masked text."""
    governors: tuple[BurnRateRule, ...] = field(init=False, compare=False, repr=False)
    """The rules that look at the pace of budgets."""
    dated: bool = field(init=False, compare=False, repr=False)
    """Whether any target's price changes at a date."""
    reachable: dict[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    """Name or glob of a model → ids of the targets that may serve it, those of its rollouts too, sorted."""
    likeness: Callable[[Facts], tuple[Any, ...]] = field(init=False, compare=False, repr=False)
    """Returns what calls must have in common to be alike, but for parts of labels: see ``policy.decide.plan``."""
    plans: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What decisions look up once for all calls that are alike; kept and bounded there."""

    def __post_init__(self) -> None:
        """Calculate once what every call needs."""
        targets = self.targets.values()
        rules = [item.rule for item in self.ordering]
        masks = any(target.clearance.mask for target in targets) or any(one.masks_all for one in self.teams.values())
        object.__setattr__(self, "masks", masks)
        object.__setattr__(self, "governors", tuple([rule for rule in rules if isinstance(rule, BurnRateRule)]))
        object.__setattr__(self, "dated", any(len(target.tariff.periods) > 1 for target in targets))
        reachable = {model.name: self._reachable(model) for model in (*self.models.values(), *self.patterns)}
        object.__setattr__(self, "reachable", reachable)
        whens = [when for when in [*[one.when for one in self.hard], *[one.when for one in self.ordering]] if when]
        read = {FIELDS[name] for when in whens for name in when.uses & SHARED}
        object.__setattr__(self, "likeness", attrgetter(*sorted(read.union(_ALIKE))))

    def _reachable(self, model: Model) -> tuple[str, ...]:
        rollouts = self.rollouts.get(model.name, ())
        return tuple(sorted({*model.candidates, *(one.to for one in rollouts)}))

    def model_for(self, name: str) -> Model | None:
        """Return what serves a name: the model of exactly that name, else that of the most specific pattern."""
        exact = self.models.get(name)
        if exact is not None:
            return exact
        return next((model for model in self.patterns if model.matches(name)), None)

    def observes(self, team: str) -> bool:
        """Return whether a team's labels are only observed."""
        return self.sensitivity.mode_for(team) == "observe"

    def floor_for(self, *, team: str, key: str, model: str) -> Label:
        """Return the least label of a call, beside its team's default class."""
        seen = {"team": team, "key": key, "model": model}
        label = Label()
        for floor in self.floors:
            if floor.holds(seen):
                label = label.join(floor.label)
        return label

    def in_force(self, team: str, at: int) -> tuple[PolicyException, ...]:
        """Return the exceptions that hold for a team at a time (Unix seconds)."""
        return tuple([one for one in self.exceptions if one.holds(team, at)])

    def task_for(self, *, header: str | None, user_agent: str, team: str, model: str, key: str) -> str:
        """Return the task of a request: what its header says, else the first task that matches, else ``other``."""
        if header:
            return header
        if not self.tasks:
            return OTHER_TASK
        seen = {"user_agent": user_agent, "team": team, "model": model, "key": key}
        return next((task.id for task in self.tasks if task.matches(seen)), OTHER_TASK)
