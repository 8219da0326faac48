"""What pydantic cannot see: names that must exist, keys that need each other, conditions that must compile."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final, get_args

from gateway.domain.label import Category, DataClass
from gateway.domain.sensitivity import MEDIA
from gateway.domain.target import DIALECTS, Kind, Zone, spoken_by
from gateway.policy.canonical.rules import condition_of
from gateway.policy.conditions import ConditionError, compile_condition
from gateway.policy.document.budgets import DowngradeBlock
from gateway.policy.document.labelling import CustomBlock, DetectorKind, SensitivityBlock
from gateway.policy.document.targets import TargetBlock
from gateway.policy.load.addresses import address_errors
from gateway.policy.load.errors import PolicyError
from gateway.policy.load.faults import suggest
from gateway.policy.load.lines import Path
from gateway.policy.load.merge import Whole
from gateway.policy.load.price_checks import price_errors
from gateway.policy.rules.prefer import PreferRule
from gateway.policy.rules.selection import SelectingRule
from gateway.pricing.book import PriceBook

_ENV_NAME: Final = re.compile(r"(?!AKIA)[A-Z][A-Z0-9_]{0,99}")
_RESERVED: Final = frozenset({"clearance", "dialect", "incumbent", "target_id"})
_LEVELS: Final = tuple(level.word for level in DataClass)
_CATEGORIES: Final = tuple(str(category) for category in Category)
_ZONES: Final[tuple[str, ...]] = get_args(Zone)
_KINDS: Final[tuple[str, ...]] = get_args(Kind)

Check = Callable[[Whole], Iterator[PolicyError]]


def reference_errors(whole: Whole, prices: PriceBook) -> list[PolicyError]:
    """Return everything that is wrong between the parts of a document whose form is right."""
    return [*(error for check in _CHECKS for error in check(whole)), *price_errors(whole, prices)]


def _duplicates(whole: Whole) -> Iterator[PolicyError]:
    document = whole.document
    names: dict[str, Sequence[str]] = {
        "targets": [target.id for target in document.targets],
        "models": [model.label for model in document.models],
        "rollouts": [rollout.id for rollout in document.rollouts],
        "teams": [team.id for team in document.teams],
        "tasks": [task.id for task in document.tasks],
        "exceptions": [one.id for one in document.exceptions],
        "rules": [rule.name for rule in document.rules],
        "cases": [case.name for case in document.cases],
        "invariants": [invariant.name for invariant in document.invariants],
    }
    for block, listed in names.items():
        first = {name: position for position, name in reversed(list(enumerate(listed)))}
        for position, name in enumerate(listed):
            if first[name] != position:
                fix = "give each an `id` of its own" if block == "rules" else "rename one or remove it"
                yield whole.error((block, position), f"duplicate `{name}`", fix)
    if document.sensitivity is not None:
        yield from _twice_in_sensitivity(whole, document.sensitivity)


def _twice_in_sensitivity(whole: Whole, block: SensitivityBlock) -> Iterator[PolicyError]:
    detectors = Counter(spec.id if isinstance(spec, CustomBlock) else spec.kind for spec in block.detectors)
    for kind in sorted(kind for kind, number in detectors.items() if number > 1):
        yield whole.error(("sensitivity", "detectors"), f"duplicate `{kind}`", "keep one entry a kind or id")
    lists = Counter(listed.id for listed in block.word_lists)
    for name in sorted(name for name, number in lists.items() if number > 1):
        yield whole.error(("sensitivity", "word_lists"), f"duplicate `{name}`", "rename one or remove it")


def _known(whole: Whole, path: Path, name: str | None, known: Sequence[str], what: str) -> Iterator[PolicyError]:
    if name is not None and name not in known:
        yield whole.error(path, f"no {what} `{name}`", suggest(name, known, f"{what}s"))


def _names(whole: Whole) -> Iterator[PolicyError]:
    document = whole.document
    targets = [target.id for target in document.targets]
    models = [model.label for model in document.models]
    teams = [team.id for team in document.teams]
    for position, model in enumerate(document.models):
        yield from _known(whole, ("models", position, "incumbent"), model.incumbent, targets, "target")
        for place, candidate in enumerate(model.candidates):
            yield from _known(whole, ("models", position, "candidates", place), candidate, targets, "target")
    for position, rollout in enumerate(document.rollouts):
        yield from _known(whole, ("rollouts", position, "to"), rollout.to, targets, "target")
        yield from _known(whole, ("rollouts", position, "model"), rollout.model, models, "model")
    for position, team in enumerate(document.teams):
        yield from _known(whole, ("teams", position, "reference"), team.reference, targets, "target")
        for budget in (*team.budget, *(one for key in team.keys for one in key.budget)):
            if isinstance(budget.on_exhausted, DowngradeBlock):
                path = ("teams", position, "budget")
                yield from _known(whole, path, budget.on_exhausted.downgrade, targets, "target")
    for budget in document.organization.budget if document.organization else ():
        if isinstance(budget.on_exhausted, DowngradeBlock):
            yield from _known(whole, ("organization", "budget"), budget.on_exhausted.downgrade, targets, "target")
    for name in document.sensitivity.mode.teams if document.sensitivity else ():
        yield from _known(whole, ("sensitivity", "mode", "teams", name), name, teams, "team")


def _detectors(whole: Whole) -> list[str]:
    """Return the kinds of findings that there can be: built in, and the document's own."""
    kinds: list[str] = list(get_args(DetectorKind))
    block = whole.document.sensitivity
    if block is not None:
        kinds += [f"custom:{spec.id}" for spec in block.detectors if isinstance(spec, CustomBlock)]
        kinds += [f"word_list:{listed.id}" for listed in block.word_lists]
    return kinds


def _exceptions(whole: Whole) -> Iterator[PolicyError]:
    targets = [target.id for target in whole.document.targets]
    teams = [team.id for team in whole.document.teams]
    kinds = _detectors(whole)
    for position, one in enumerate(whole.document.exceptions):
        path: Path = ("exceptions", position)
        for key, names, known in (
            ("teams", one.teams, teams),
            ("targets", one.targets, targets),
            ("detectors", one.detectors, kinds),
        ):
            for place, name in enumerate(names):
                yield from _known(whole, (*path, key, place), name, known, key.removesuffix("s"))
        if one.max == "restricted":
            problem = "no exception lets restricted data be sent to a vendor"
            yield whole.error(
                (*path, "max"), problem, "raise the target's clearance, if it may really receive such data"
            )
    for position, target in enumerate(whole.document.targets):
        for place, name in enumerate(target.clearance.mask):
            masked = [*kinds, *MEDIA]
            yield from _known(whole, ("targets", position, "clearance", "mask", place), name, masked, "detector")


def _rollouts(whole: Whole) -> Iterator[PolicyError]:
    models = {model.label: model for model in whole.document.models}
    for position, rollout in enumerate(whole.document.rollouts):
        path = ("rollouts", position)
        model = models.get(rollout.model)
        if model is not None and model.mode != "with_rollout":
            problem = f"model `{rollout.model}` has `substitution: {model.mode}`; a rollout needs `with_rollout`"
            yield whole.error((*path, "model"), problem, "set it to `with_rollout`")
        if model is not None and rollout.to == model.incumbent:
            yield whole.error((*path, "to"), f"`{rollout.to}` is the incumbent itself", "name another target")
        if rollout.when is not None:
            try:
                compile_condition(rollout.when, certain=False)
            except ConditionError as error:
                yield whole.error((*path, "when"), error.problem, "fix the condition")


def _rules(whole: Whole) -> Iterator[PolicyError]:
    targets = [target.id for target in whole.document.targets]
    for position, rule in enumerate(whole.document.rules):
        path: Path = ("rules", position)
        if rule.id in _RESERVED - {rule.kind}:
            yield whole.error((*path, "id"), f"`{rule.id}` is reserved for the gateway", "choose another id")
        if isinstance(rule, SelectingRule):
            for place, glob in enumerate(rule.targets):
                if not any(fnmatchcase(name, glob) for name in targets):
                    fix = suggest(glob, targets, "targets")
                    yield whole.error((*path, "targets", place), f"no target matches `{glob}`", fix)
        if isinstance(rule, PreferRule):
            for place, name in enumerate(rule.order):
                yield from _known(whole, (*path, "order", place), name, targets, "target")
        try:
            condition_of(rule)
        except ConditionError as error:
            yield whole.error((*path, "when"), error.problem, "fix the condition")


def _spaces(whole: Whole) -> Iterator[PolicyError]:
    """Yield models whose embeddings would come from different spaces."""
    targets = {target.id: target for target in whole.document.targets}
    for position, model in enumerate(whole.document.models):
        moved = (rollout.to for rollout in whole.document.rollouts if rollout.model == model.label)
        named = {*model.candidates, *moved, *filter(None, [model.incumbent])}
        embedding = [targets[name] for name in sorted(named) if name in targets]
        spaces = sorted({one.space or one.model for one in embedding if "embeddings" in one.capabilities})
        if len(spaces) > 1:
            problem = f"embeddings of different vector spaces are not interchangeable ({', '.join(spaces)})"
            yield whole.error(("models", position), problem, "keep the targets of one `space`")


def _checks(whole: Whole) -> Iterator[PolicyError]:
    """Yield names in cases and invariants that do not exist. Models and tasks may be unknown: that may be the point."""
    targets = [target.id for target in whole.document.targets]
    teams = [team.id for team in whole.document.teams]
    for position, case in enumerate(whole.document.cases):
        path: Path = ("cases", position)
        if "team" in case.given.model_fields_set:
            yield from _known(whole, (*path, "given", "team"), case.given.team, teams, "team")
        for place, name in enumerate(case.given.down):
            yield from _known(whole, (*path, "given", "down", place), name, targets, "target")
        yield from _known(whole, (*path, "expect", "target"), case.expect.target, targets, "target")
        for place, name in enumerate(case.expect.dropped or ()):
            yield from _known(whole, (*path, "expect", "dropped", place), name, targets, "target")
    for position, invariant in enumerate(whole.document.invariants):
        path = ("invariants", position)
        scope = invariant.scope
        yield from _matching(whole, (*path, "for", "finding"), scope.finding, _detectors(whole), "finding")
        words = {"class": (scope.data_class, _LEVELS), "category": (scope.category, _CATEGORIES)}
        for key, (globs, known) in words.items():
            yield from _matching(whole, (*path, "for", key), globs, known, key)
        for side, block in (("never", invariant.never), ("always", invariant.always)):
            if block is not None:
                yield from _matching(whole, (*path, side, "target"), block.target, targets, "target")
                yield from _matching(whole, (*path, side, "zone"), block.zone, _ZONES, "zone")
                yield from _matching(whole, (*path, side, "kind"), block.kind, _KINDS, "kind")


def _matching(
    whole: Whole, path: Path, globs: Sequence[str] | None, known: Sequence[str], what: str
) -> Iterator[PolicyError]:
    for glob in globs or ():
        if not any(fnmatchcase(word, glob) for word in known):
            yield whole.error(path, f"no {what} matches `{glob}`", suggest(glob, known, "known"))


def _targets(whole: Whole) -> Iterator[PolicyError]:
    networks = whole.document.trust.local_networks if whole.document.trust else ()
    for position, target in enumerate(whole.document.targets):
        path: Path = ("targets", position)
        check = _local_errors if target.zone == "local" else _closed_errors
        yield from check(whole, path, target)
        yield from _key_names(whole, path, target)
        yield from _dialect_errors(whole, path, target)
        for key, problem, fix in address_errors(target, networks):
            yield whole.error((*path, *key), problem, fix)


def _local_errors(whole: Whole, path: Path, target: TargetBlock) -> Iterator[PolicyError]:
    if (target.endpoints is None) == (target.api_base is None):
        yield whole.error((*path, "endpoints"), "a local target has either `endpoints` or `api_base`", "give one")
    if target.kind == "litellm":
        problem = "litellm runs in the egress only, and local targets are called directly"
        yield whole.error((*path, "kind"), problem, "use sglang, openai or anthropic")
    if target.api_key_env is not None:
        problem = "is a vendor's key, which only closed targets have"
        yield whole.error((*path, "api_key_env"), problem, "use `local_api_key_env` for a local server's own key")
    for key in ("context_window", "max_output_tokens"):
        if getattr(target, key) is None:
            yield whole.error(
                (*path, key), "is missing", "add it: the gateway cannot find out how the server was started"
            )


def _closed_errors(whole: Whole, path: Path, target: TargetBlock) -> Iterator[PolicyError]:
    if target.endpoints is not None:
        yield whole.error((*path, "endpoints"), "are for local targets", "use `api_base`")
    if target.kind == "sglang" and target.api_base is None:
        yield whole.error((*path, "api_base"), "is missing", "say where the hosted SGLang server is")
    if target.local_api_key_env is not None:
        yield whole.error((*path, "local_api_key_env"), "is for local targets", "use `api_key_env`")
    if target.api_key_env is None:
        yield whole.error((*path, "api_key_env"), "is missing", "name the environment variable of the vendor's key")


def _dialect_errors(whole: Whole, path: Path, target: TargetBlock) -> Iterator[PolicyError]:
    """Yield dialects that servers of the target's kind cannot speak."""
    possible = [one for one in DIALECTS if spoken_by(target.kind, one)]
    for number, one in enumerate(target.dialects or ()):
        if one not in possible:
            problem = f"a target of kind {target.kind} cannot speak `{one}`"
            fix = f"use one of {', '.join(possible)}" if possible else "leave `dialects` out: litellm translates"
            yield whole.error((*path, "dialects", number), problem, fix)


def _key_names(whole: Whole, path: Path, target: TargetBlock) -> Iterator[PolicyError]:
    """Yield invalid names of environment variables. The value is not shown: it may be a key."""
    for key in ("api_key_env", "local_api_key_env"):
        value = getattr(target, key)
        if value is not None and not _ENV_NAME.fullmatch(value):
            problem = "is not the name of an environment variable (is it the key itself?)"
            yield whole.error(
                (*path, key), problem, "write a name such as VENDOR_API_KEY; revoke the key if it was one"
            )


_CHECKS: Final[tuple[Check, ...]] = (_duplicates, _names, _exceptions, _rollouts, _rules, _spaces, _checks, _targets)
