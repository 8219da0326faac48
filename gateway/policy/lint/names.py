"""Names in conditions and lists that nothing defines: such a rule never holds, such a proof is about nobody."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

from gateway.domain.label import Category
from gateway.domain.target import DIALECTS
from gateway.policy.document import PolicyDocument
from gateway.policy.lint.mentions import Mention, Variable, mentions
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.faults import suggest
from gateway.policy.load.lines import Path
from gateway.policy.load.merge import Whole
from gateway.policy.rules.residency import ResidencyRule
from gateway.policy.snapshot import OTHER_TASK

_WHAT: Final[dict[Variable, str]] = {"categories": "category"}
_SEVERAL: Final = {"category": "categories", "categories": "categories"}
_FREE_TASK: Final = (
    "define it in `tasks`; if callers name it in `x-gateway-task`, let a case have `given: {{task: {name}}}`"
)


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a policy defines, by the variable of conditions that has them."""

    names: dict[Variable, tuple[str, ...]]
    """Without ``key`` where no keys are at hand: then those are not looked at."""
    patterns: tuple[str, ...]
    """Globs of models."""

    def has(self, mention: Mention) -> bool:
        """Return whether a name is defined, or a glob matches one that is."""
        names = self.names.get(mention.variable)
        if names is None or not mention.name.strip("*"):  # a star alone is everybody, also where nobody is named yet
            return True
        globs = self.patterns if mention.variable == "model" else ()
        if mention.is_glob:
            return any(fnmatchcase(name, mention.name) for name in names) or any(
                _overlap(mention.name, glob) for glob in globs
            )
        return mention.name in names or any(fnmatchcase(mention.name, glob) for glob in globs)


def name_faults(whole: Whole, keys: AbstractSet[str] | None) -> Iterator[PolicyError]:
    """Yield each name that nothing defines, at its line.

    Args:
        whole: a document that was checked.
        keys: ids of all API keys; None: they are not at hand, so keys are not looked at.
    """
    document = whole.document
    spoken = {one.name for _, text in _conditions(document) for one in mentions(text) if one.variable == "task"}
    known = _known(document, keys)
    proved = tuple([task for one in document.invariants for task in one.scope.task or () if not _is_glob(task)])
    wider = Known({**known.names, "task": (*known.names["task"], *proved)}, known.patterns)
    for path, text in _conditions(document):
        for mention in mentions(text):
            yield from _undefined(whole, path, mention, wider)
    wider = Known({**known.names, "task": (*known.names["task"], *sorted(spoken))}, known.patterns)
    for path, mention in _globs(document):
        yield from _undefined(whole, path, mention, wider)
    yield from _regions(whole)


def _known(document: PolicyDocument, keys: AbstractSet[str] | None) -> Known:
    """Return what is defined. A task is by ``tasks``, a target's quality for it, or a case that has it."""
    tasks = {OTHER_TASK, *(one.id for one in document.tasks)}
    tasks |= {task for target in document.targets for task in target.quality if task != "default"}
    tasks |= {case.given.task for case in document.cases if case.given.task is not None}
    names: dict[Variable, tuple[str, ...]] = {
        "team": tuple([team.id for team in document.teams]),
        "task": tuple(sorted(tasks)),
        "model": tuple([model.name for model in document.models if model.name is not None]),
        "dialect": DIALECTS,
        "categories": tuple([str(category) for category in Category]),
    }
    if keys is not None:
        names["key"] = tuple(sorted(keys))
    return Known(names, tuple([model.match for model in document.models if model.match is not None]))


def _conditions(document: PolicyDocument) -> Iterator[tuple[Path, str]]:
    for position, rule in enumerate(document.rules):
        if rule.when is not None:
            yield ("rules", position, "when"), rule.when
    for position, rollout in enumerate(document.rollouts):
        if rollout.when is not None:
            yield ("rollouts", position, "when"), rollout.when


def _globs(document: PolicyDocument) -> Iterator[tuple[Path, Mention]]:
    """Yield the names and globs of lists, with their places."""
    found: list[tuple[Path, Variable, Sequence[str] | None]] = []
    for block in ("tasks", "floors"):
        for position, one in enumerate(getattr(document, block)):
            path: Path = (block, position, "match")
            found.append(((*path, "team"), "team", one.match.team))
            found.append(((*path, "model"), "model", one.match.model))
            found.append(((*path, "key"), "key", one.match.key))
    for position, invariant in enumerate(document.invariants):
        path = ("invariants", position)
        scope, unless = invariant.scope, invariant.unless
        found.append(((*path, "for", "team"), "team", scope.team))
        found.append(((*path, "for", "task"), "task", scope.task))
        found.append(((*path, "for", "model"), "model", scope.model))
        found.append(((*path, "unless", "masked", "team"), "team", unless.masked.team if unless else None))
    for position, team in enumerate(document.teams):
        for place, key in enumerate(team.keys):
            found.append((("teams", position, "keys", place, "id"), "key", None if key.id is None else [key.id]))
    for path, variable, globs in found:
        for glob in globs or ():
            yield path, Mention(variable, glob, _is_glob(glob))


def _undefined(whole: Whole, path: Path, mention: Mention, known: Known) -> Iterator[PolicyError]:
    if known.has(mention):
        return
    what, names = _WHAT.get(mention.variable, mention.variable), known.names[mention.variable]
    named = (*names, *known.patterns) if mention.variable == "model" else names
    fix = suggest(mention.name.strip("*"), named, _SEVERAL.get(what, f"{what}s"))
    if mention.variable == "task" and not fix.startswith("did you"):
        fix = _FREE_TASK.format(name=mention.name)
    missed = f"no {what} {'matches ' if mention.is_glob else ''}`{mention.name}`"
    where = "it is not among the API keys" if mention.variable == "key" else "nothing in the policy defines it"
    yield whole.error(path, f"{missed}: {where}", fix)


def _regions(whole: Whole) -> Iterator[PolicyError]:
    document = whole.document
    known = sorted({target.region for target in document.targets if target.region is not None})
    listed: list[tuple[Path, Sequence[str]]] = []
    for position, rule in enumerate(document.rules):
        if isinstance(rule, ResidencyRule):
            listed.append((("rules", position, "regions"), rule.regions))
    listed += [(("floors", place, "regions"), floor.regions or ()) for place, floor in enumerate(document.floors)]
    for position, invariant in enumerate(document.invariants):
        if invariant.always is not None:
            listed.append((("invariants", position, "always", "region"), invariant.always.region or ()))
        if invariant.never is not None:  # one that no target has yet may be the point, a slip of the pen is not
            slips = [one for one in invariant.never.region or () if get_close_matches(one, known)]
            listed.append((("invariants", position, "never", "region"), slips))
    for path, names in listed:
        for name in names:
            if not any(fnmatchcase(region, name) for region in known):
                yield whole.error(path, f"no target is in region `{name}`", suggest(name, known, "regions"))


def _is_glob(name: str) -> bool:
    return bool(set("*?[") & set(name))


def _overlap(one: str, other: str) -> bool:
    """Return whether some name may match both globs: whether neither's fixed beginning rules the other's out."""
    first, second = _beginning(one), _beginning(other)
    return first.startswith(second) or second.startswith(first)


def _beginning(glob: str) -> str:
    return glob[: next((place for place, sign in enumerate(glob) if sign in "*?["), len(glob))]
