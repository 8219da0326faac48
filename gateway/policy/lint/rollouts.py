"""Rollouts of one model that hold for the same calls and move more than all of them, found by trying calls."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final, NamedTuple

from gateway.domain.facts import Facts
from gateway.domain.label import Category, DataClass, Label
from gateway.domain.money import NANOS_PER_USD
from gateway.policy.conditions import Condition
from gateway.policy.decide.rollout import WHOLE
from gateway.policy.lint.mentions import tokens
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.merge import Whole
from gateway.policy.snapshot import PolicySnapshot, Rollout

MOST: Final = 20_000
"""Calls that are tried for the rollouts of one model; where more would be needed, nothing is reported."""
_ANY: Final = "any-other"
_HOURS, _DAYS, _CENTS = range(24), range(7), (-0.01, 0.0, 0.01)


class Crowd(NamedTuple):
    """Rollouts that hold for the same call."""

    rollouts: tuple[Rollout, ...]
    call: str
    """The call in words; empty if they hold for every call."""

    @property
    def basis_points(self) -> int:
        """Their shares together."""
        return sum(one.basis_points for one in self.rollouts)


def rollout_faults(whole: Whole, snapshot: PolicySnapshot) -> Iterator[PolicyError]:
    """Yield, at the last of them, rollouts of one model whose shares are together more than 100 %."""
    places = {rollout.id: position for position, rollout in enumerate(whole.document.rollouts)}
    for model, rollouts in snapshot.rollouts.items():
        crowd = crowded(snapshot, rollouts)
        if crowd is None or crowd.basis_points <= WHOLE:
            continue
        shares = " and ".join(f"`{one.id}` ({one.basis_points / 100:g} %)" for one in crowd.rollouts)
        where = f" for {crowd.call}" if crowd.call else ""
        problem = (
            f"{shares} hold for the same calls of model `{model}`{where}: {crowd.basis_points / 100:g} % in all, "
            f"but only the first that holds moves any"
        )
        path = ("rollouts", max(places[one.id] for one in crowd.rollouts), "percent")
        yield whole.error(path, problem, "lower the shares to 100 % together, or let their `when` exclude each other")


def crowded(snapshot: PolicySnapshot, rollouts: Sequence[Rollout]) -> Crowd | None:
    """Return the rollouts that hold together for some call and have the most; None if none does, or if unknown."""
    if sum(one.basis_points for one in rollouts) <= WHOLE:
        return None
    whens = [one.when for one in rollouts if one.when is not None]
    choices = _choices(snapshot, whens, rollouts[0].model)
    if prod(len(values) for values in choices.values()) > MOST:
        return None
    best = None
    for values in product(*choices.values()):
        given = dict(zip(choices, values, strict=True))
        held = tuple([one for one in rollouts if one.when is None or one.when.holds(_facts(given))])
        crowd = Crowd(held, ", ".join(f"{name} {_said(value)}" for name, value in given.items()))
        if held and (best is None or crowd.basis_points > best.basis_points):
            best = crowd
    return best


def _choices(snapshot: PolicySnapshot, whens: Sequence[Condition], model: str) -> dict[str, Sequence[Any]]:
    """Return what is tried of each variable that the conditions look at: what they name, beside it, and another."""
    words = [word for when in whens for word in tokens(when.text)]
    texts = sorted({word.text for word in words if word.kind == "text" and word.text})
    numbers = sorted({float(word.text) for word in words if word.kind == "number"})
    whole = sorted({0, *(max(0, int(number) + step) for number in numbers for step in (-1, 0, 1))})
    served = [text for text in texts if (found := snapshot.model_for(text)) is not None and found.name == model]
    free = [*texts, _ANY]
    values: Mapping[str, Sequence[Any]] = {
        "team": sorted(snapshot.teams) or [_ANY],
        "key": free,
        "task": free,
        "user": free,
        "session": free,
        "model": [*served, re.sub(r"\[.*?\]|[*?]", "x", model)],
        "dialect": free,
        "data_class": list(DataClass),
        "categories": [(), *((one,) for one in sorted(Category)), tuple(sorted(Category))],
        "stream": [False, True],
        "has_tools": [False, True],
        "has_images": [False, True],
        "input_tokens": whole,
        "max_tokens": whole,
        "hour": _HOURS,
        "weekday": _DAYS,
        "budget_left_usd": [None, *sorted({0.0, *(max(0.0, one + step) for one in numbers for step in _CENTS)})],
    }
    used = set().union(*(when.uses for when in whens))
    return {name: tried for name, tried in values.items() if name in used}


_FIELDS: Final[dict[str, Callable[[Any], tuple[str, Any]]]] = {
    "budget_left_usd": lambda usd: ("budget_left_nanos", None if usd is None else int(usd * NANOS_PER_USD)),
}


def _facts(given: Mapping[str, Any]) -> Facts:
    label = Label(given.get("data_class", DataClass.PUBLIC), frozenset(given.get("categories", ())))
    fields = {name: value for name, value in given.items() if name not in {"data_class", "categories"}}
    rest = dict(_FIELDS[name](value) if name in _FIELDS else (name, value) for name, value in fields.items())
    return Facts(**({"team": "", "key": "", "model": "", "dialect": ""} | rest), label=label)


def _said(value: Any) -> str:
    if isinstance(value, DataClass):
        return value.word
    if isinstance(value, tuple):
        return "+".join(map(str, value)) or "none"
    return "unlimited" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
