"""One validated policy, ready to decide: immutable, and named by the hash of all that can change a decision."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from gateway.domain.sensitivity import SensitivitySpec
from gateway.domain.target import Target
from gateway.domain.team import Team

Substitution = Literal["free", "with_rollout", "never"]


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


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work and the globs by which a request is known to be of it; all given ones must match."""

    id: str
    match: tuple[tuple[str, str], ...]

    def matches(self, seen: Mapping[str, str]) -> bool:
        """Tell whether every glob matches what was seen."""
        return all(fnmatchcase(seen[name], glob) for name, glob in self.match)


def literal_length(glob: str) -> int:
    """Return how many characters of a glob stand for themselves: the more, the more specific it is."""
    return len(re.sub(r"\[[^\]]*\]|[*?]", "", glob))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A policy in force."""

    hash: str
    canonical: bytes = field(repr=False)
    targets: dict[str, Target]
    teams: dict[str, Team]
    tasks: tuple[Task, ...]
    sensitivity: SensitivitySpec
    local_networks: tuple[str, ...]
    models: dict[str, Model]
    """Models of an exact name."""
    patterns: tuple[Model, ...]
    """Models of a glob, the most specific first."""
    orders_by_latency: bool
    cases: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    invariants: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    warnings: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def model_for(self, name: str) -> Model | None:
        """Return what serves a name: the model of exactly that name, else that of the most specific pattern."""
        exact = self.models.get(name)
        if exact is not None:
            return exact
        return next((model for model in self.patterns if fnmatchcase(name, model.name)), None)

    def visible_models(self, team: str) -> list[str]:
        """Return the exact names that a key of this team may call."""
        raise NotImplementedError(team)

    def task_for(self, *, header: str | None, user_agent: str, team: str, model: str, key: str) -> str:
        """Return the task of a request: what its header says, else the first task that matches, else ``other``."""
        if header:
            return header
        seen = {"user_agent": user_agent, "team": team, "model": model, "key": key}
        return next((task.id for task in self.tasks if task.matches(seen)), "other")
