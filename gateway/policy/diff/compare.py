"""Two policies in, every change out, each with its kind and the edit that causes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.policy.diff.causes import causes
from gateway.policy.diff.change import EditPlace, Effect, Kind, PolicyChange
from gateway.policy.diff.edits import Edit, edits_between
from gateway.policy.diff.form import Defaults, form_of
from gateway.policy.diff.judge import beyond_the_matrix, judged
from gateway.policy.diff.labels import grouped
from gateway.policy.diff.matrices import axes_of, difference, leaving
from gateway.policy.diff.places import Places, Words, model_name, places_of
from gateway.policy.diff.scope import scope_of
from gateway.policy.diff.words import describe
from gateway.policy.load.compile import compile_documents
from gateway.policy.snapshot import PolicySnapshot
from gateway.pricing.book import PriceBook

_KINDS: Final = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Side:
    """A policy that remembers where its parts are."""

    snapshot: PolicySnapshot
    places: Places


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes, the most dangerous first."""

    old: str
    new: str
    changes: tuple[PolicyChange, ...]

    @property
    def widens(self) -> bool:
        """Return whether more may be sent, or is no longer detected."""
        return any(change.kind is Kind.WIDENS for change in self.changes)


def side_of(files: Sequence[tuple[str, str]], prices: PriceBook) -> Side:
    """Compile (name, text) files for comparison.

    Raises:
        PolicyErrors: they are not a valid policy.
    """
    return Side(compile_documents(files, prices), places_of(files))


def compare(old: Side, new: Side, defaults: Defaults) -> Diff:
    """Return all changes from one policy to another; ``defaults``: what built-in detectors do if nothing is said."""
    forms = form_of(old.snapshot, defaults), form_of(new.snapshot, defaults)
    edits = edits_between(*forms)
    by_matrix, unexplained = _matrix_effects(old.snapshot, new.snapshot, edits)
    changes = [PolicyChange(effect, new.places.first("new")) for effect in unexplained]
    for edit, effects in zip(edits, by_matrix, strict=True):
        found = [*effects, *beyond_the_matrix(edit, effects)]
        if not found and not _covered(edit, edits):
            found = judged(edit, old.snapshot, new.snapshot, forms[1])
        place = _place(edit, old.places, new.places)
        changes += [PolicyChange(effect, place) for effect in found]
    return Diff(old.snapshot.hash, new.snapshot.hash, tuple(sorted(changes, key=_rank)))


def _matrix_effects(
    old: PolicySnapshot, new: PolicySnapshot, edits: Sequence[Edit]
) -> tuple[list[list[Effect]], list[Effect]]:
    """Return what each edit does to what may be sent, and what no edit accounts for."""
    axes = axes_of(old, new, scope_of(old, new, edits))
    before, after = leaving(old, axes), leaving(new, axes)
    effects: list[list[Effect]] = [[] for _ in edits]
    unexplained: list[Effect] = []
    places = {id(edit): place for place, edit in enumerate(edits)}
    for kind, spots, lacking, having in (
        (Kind.WIDENS, difference(after, before), old, new),
        (Kind.NARROWS, difference(before, after), new, old),
    ):
        found = causes(spots, lacking, having, edits)
        for edit, some in found:
            for teams, label, targets in grouped(some, axes):
                effects[places[id(edit)]].append(Effect(kind, describe(edit), teams, label, targets))
        if not found:
            groups = grouped(spots, axes)
            unexplained += [Effect(kind, "the policy as a whole", *group) for group in groups]
    return effects, unexplained


def _covered(edit: Edit, edits: Sequence[Edit]) -> bool:
    """Return whether an edit is covered by others: a default mode by the teams that it changes."""
    if edit.path != ("modes", ""):
        return False
    return any(other.section == "modes" and other.name and None not in {other.before, other.after} for other in edits)


def _rank(change: PolicyChange) -> tuple[object, ...]:
    place, effect = change.place, change.effect
    return _KINDS.index(change.kind), place.file, place.line, place.key, effect.targets, effect.teams, effect.label


def _place(edit: Edit, old: Places, new: Places) -> EditPlace:
    """Return where an edit is: in the new policy, or in the old one if it is gone from the new."""
    ways = list(_ways(edit))
    found = [new.find(words, "new") for words in ways] + [old.find(words, "old") for words in ways]
    exact = [one for one in found if one is not None and one[1]]
    near = [one for one in found if one is not None]
    return (exact or near)[0][0] if near else new.first("new")


def _ways(edit: Edit) -> Iterator[Words]:
    """Yield the paths under which an edit may be written, the most exact first."""
    if edit.section == "settings":
        yield ("trust" if edit.name == "local_networks" else "sensitivity", edit.name)
    elif edit.section == "modes":
        if edit.name:
            yield ("sensitivity", "mode", "teams", edit.name)
        yield ("sensitivity", "mode", "default")
        yield ("sensitivity", "mode")
    elif edit.section == "order":
        moved = next(after for before, after in zip(edit.before, edit.after, strict=True) if before != after)
        yield (edit.name, model_name(moved, is_pattern=True) if edit.name == "models" else moved)
    elif edit.section == "detectors" and not edit.field:
        yield (*edit.path, "enabled")
        yield edit.path
    else:
        yield from ((*edit.path, *deeper) for deeper in _deeper(edit.before, edit.after))
        yield edit.path


def _deeper(before: Any, after: Any) -> Iterator[Words]:
    """Yield the keys in which two mappings differ, the deepest first."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield from ((key, *more) for more in _deeper(before.get(key), after.get(key)))
                yield (key,)
