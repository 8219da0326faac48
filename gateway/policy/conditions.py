"""Conditions (``when``): CEL, type-checked when the policy is loaded, evaluated by Google's C++ implementation.

A condition only ever sees facts: it cannot read a clock, call out or remember, so equal facts give equal verdicts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from cel_expr_python import cel

from gateway.domain.facts import Facts
from gateway.domain.label import DataClass
from gateway.domain.money import NANOS_PER_USD

_STRING: Final = cel.Type.STRING
_INT: Final = cel.Type.INT
_BOOL: Final = cel.Type.BOOL

Getter = Callable[[Facts], Any]


def _budget_left(facts: Facts) -> float:
    left = facts.budget_left_nanos
    return float("inf") if left is None else left / NANOS_PER_USD


def _constant(level: DataClass) -> Getter:
    return lambda _: int(level)


_CERTAIN: Final[dict[str, tuple[Any, Getter]]] = {
    "team": (_STRING, lambda facts: facts.team),
    "key": (_STRING, lambda facts: facts.key),
    "data_class": (_INT, lambda facts: int(facts.label.data_class)),
    "categories": (cel.Type.List(_STRING), lambda facts: sorted(str(word) for word in facts.label.categories)),
    **{level.name: (_INT, _constant(level)) for level in DataClass},
}
"""What a caller cannot fake: who it is and what was found in its text."""

_CLAIMED: Final[dict[str, tuple[Any, Getter]]] = {
    "task": (_STRING, lambda facts: facts.task),
    "model": (_STRING, lambda facts: facts.model),
    "dialect": (_STRING, lambda facts: facts.dialect),
    "user": (_STRING, lambda facts: facts.user),
    "session": (_STRING, lambda facts: facts.session),
    "stream": (_BOOL, lambda facts: facts.stream),
    "has_tools": (_BOOL, lambda facts: facts.has_tools),
    "has_images": (_BOOL, lambda facts: facts.has_images),
    "input_tokens": (_INT, lambda facts: facts.input_tokens),
    "max_tokens": (_INT, lambda facts: facts.max_tokens),
    "hour": (_INT, lambda facts: facts.hour),
    "weekday": (_INT, lambda facts: facts.weekday),
    "budget_left_usd": (cel.Type.DOUBLE, _budget_left),
}

_TABLES: Final = {True: _CERTAIN, False: {**_CERTAIN, **_CLAIMED}}

CERTAIN: Final = frozenset(_CERTAIN)
"""Names of the variables that a caller cannot fake."""
VARIABLES: Final = frozenset(_TABLES[False])
"""Names of all variables."""

FIELDS: Final[dict[str, str]] = {
    **{name: name for name in (*_CERTAIN, *_CLAIMED)},
    **dict.fromkeys(("data_class", "categories", *DataClass.__members__), "label"),
    "budget_left_usd": "budget_left_nanos",
}
"""The field of the facts that a variable is made of."""
SHARED: Final = VARIABLES - {"user", "session", "input_tokens", "max_tokens", "budget_left_usd"}
"""Variables whose values many calls share; the others are hashes of people, sizes and money."""

MOST_KNOWN: Final = 1024
"""Verdicts that a condition remembers; evaluating one costs thirty times as much as looking it up."""
LONGEST_KNOWN: Final = 256
"""Characters of a text that is remembered: a caller chooses the name of its model."""
_PLACE: Final = re.compile(r"<input>:(\d+):(\d+): ([^\n]*)")
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


class ConditionError(Exception):
    """A condition that cannot be compiled."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition."""

    text: str
    uses: frozenset[str]
    """The variables it names (perhaps some more, if a string in it looks like one)."""
    _expression: Any = field(repr=False, compare=False)
    _getters: tuple[tuple[str, Getter], ...] = field(repr=False, compare=False)

    _read: Callable[[Facts], Any] = field(init=False, repr=False, compare=False)
    """Returns the fields that it looks at: equal ones give equal verdicts, as it can see nothing else."""
    _known: dict[Any, bool | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What it said of the fields that it was asked of lately."""

    def __post_init__(self) -> None:
        """Work out what it looks at; ``key`` where that is nothing."""
        fields = sorted({FIELDS[name] for name, _ in self._getters}) or ["key"]
        object.__setattr__(self, "_read", attrgetter(*fields))

    def holds(self, facts: Facts) -> bool | None:
        """Evaluate; None if the evaluation failed."""
        asked = self._read(facts)
        if asked in self._known:
            return self._known[asked]
        data = {name: getter(facts) for name, getter in self._getters}
        value = self._expression.eval(data=data).value()
        verdict = value if value is True or value is False else None
        if not any(type(one) is str and len(one) > LONGEST_KNOWN for one in data.values()):
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[asked] = verdict
        return verdict


def compile_condition(text: str, *, certain: bool) -> Condition:
    """Compile a condition over all variables, or only over those that a caller cannot fake.

    Raises:
        ConditionError: with the place (line:column within the condition) and what is wrong.
    """
    table = _TABLES[certain]
    try:
        expression = _environment(certain).compile(text)
    except RuntimeError as error:
        raise ConditionError(_problem(str(error), certain=certain)) from error
    if expression.return_type() != cel.Type.BOOL:
        raise ConditionError("1:1: is not a yes-or-no expression")
    words = set(_WORD.findall(text)) & set(table)
    return Condition(text, frozenset(words), expression, tuple((name, table[name][1]) for name in sorted(words)))


@lru_cache(maxsize=2)
def _environment(certain: bool) -> Any:
    return cel.NewEnv(variables={name: kind for name, (kind, _) in _TABLES[certain].items()})


def _problem(message: str, *, certain: bool) -> str:
    place = _PLACE.search(message)
    if place is None:
        return f"1:1: {message.splitlines()[0]}"
    line, column, problem = place.groups()
    problem = problem.removesuffix(" [INVALID_ARGUMENT]").replace(" (in container '')", "")
    name = re.fullmatch(r"undeclared reference to '(\w+)'", problem)
    if certain and name is not None and name[1] in VARIABLES:
        problem = f"'{name[1]}' can be faked by a caller"
    return f"{line}:{column}: {problem}"
